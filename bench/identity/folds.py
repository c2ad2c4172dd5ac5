"""How well the model does on people it was not trained with: trained on all folds but one and measured on that one, several times
over with other folds. Thresholds are chosen inside the training folds, too. Nobody is in two folds (pairs.fold_of).

The readings of names are those that the deployed weights prefer; everything else is made anew in each fold.
"""
import statistics

import pairs
import train

INNER = 5
COLUMNS = ("recall", "distinct merged", "recall with review", "auc")


def folds_of(program, quality, kind, model, folds, splits):
    """[(split, fold, [(pair, answer)])]: answers to the decidable pairs of a fold by what the others taught."""
    start = train.start_of(train.read_model(model), kind)
    examples = train.examples_of(program, quality, kind)
    for split in range(splits):
        fold = pairs.fold_of([example.pair for example in examples], folds, split)
        for part in range(folds):
            others = [example for example, at in zip(examples, fold) if at != part]
            weights = train.fit(others, start, train.levels_to_train(kind, others))
            sums = train.cross_validate(kind, others, start, INNER, f"inner {split}")
            merge, review = train.thresholds(kind, others, sums)
            own = [example for example, at in zip(examples, fold) if at == part and not example.pair.get("random")
                   and pairs.group_of(example.pair) == "decidable"]
            yield split, part, [(example.pair, answer_to(value, merge, review)) for example, value in zip(own, train.sums_of(own, weights))]


def answer_to(value, merge, review):
    return {"match_weight": value, "decision": "merge" if value >= merge else "review" if value >= review else "distinct"}


def show(program, quality, kind, model, folds, splits, measure):
    answers = list(folds_of(program, quality, kind, model, folds, splits))
    by_fold = [measure(rows) for _, _, rows in answers]
    by_split = [measure([row for at, _, rows in answers if at == split for row in rows]) for split in range(splits)]
    print(f"\n## {kind}, on {folds} folds of {splits} random splits, each by what the others taught\n")
    print("| decidable | mean | worst split | worst fold | deviation of folds |\n| --- | --- | --- | --- | --- |")
    for column in COLUMNS:
        worst = max if column == "distinct merged" else min
        values = [numbers[column] for numbers in by_fold if numbers[column] is not None]
        whole = [numbers[column] for numbers in by_split]
        print(f"| {column} | {statistics.mean(whole):.4f} | {worst(whole):.4f} | {worst(values):.4f} | {statistics.pstdev(values):.4f} |", flush=True)
