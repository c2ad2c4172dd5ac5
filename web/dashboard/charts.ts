// The last minutes as lines.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { byId } from "../shared/elements";

const KEPT = 240; // points
const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export class Chart {
  private readonly plot: uPlot;
  private readonly data: (number | null)[][];

  constructor(id: string, labels: string[]) {
    const place = byId(id);
    const strokes = ["--accent", "--good", "--soft", "--bad"];
    this.data = [[], ...labels.map(() => [])];
    const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") } };
    this.plot = new uPlot(
      {
        width: place.clientWidth || 400,
        height: 180,
        scales: { x: { time: true }, y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] } },
        axes: [axis, { ...axis, size: 56 }],
        series: [{}, ...labels.map((label, at) => ({ label, stroke: colour(strokes[at % strokes.length] ?? "--ink"), width: 2, spanGaps: true, points: { show: false } }))],
      },
      this.data as uPlot.AlignedData,
      place,
    );
    new ResizeObserver(() => this.plot.setSize({ width: place.clientWidth, height: 180 })).observe(place);
  }

  add(seconds: number, values: (number | null)[]): void {
    this.data[0]?.push(seconds);
    values.forEach((value, at) => this.data[at + 1]?.push(value));
    if ((this.data[0]?.length ?? 0) > KEPT) for (const column of this.data) column.shift();
    this.plot.setData(this.data as uPlot.AlignedData);
  }
}
