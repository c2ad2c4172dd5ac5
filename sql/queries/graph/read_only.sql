-- Makes the transaction that has just begun one that reads.
-- writes: a setting of this transaction
select set_config('transaction_read_only', 'on', true) as mode
