// Numbers and times for people.

export function when(start: string | null, end: string | null, zone: string | null, date: string | null): string {
  if (!start) return date ? new Date(`${date}T12:00:00Z`).toLocaleDateString(undefined, { dateStyle: "full", timeZone: "UTC" }) : "Date unknown";
  const timeZone = zone ?? "UTC";
  const day = { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone } as const;
  const clock = { hour: "2-digit", minute: "2-digit", timeZone } as const;
  const from = new Date(start);
  const text = `${from.toLocaleDateString(undefined, day)}, ${from.toLocaleTimeString(undefined, clock)}`;
  if (!end) return `${text} (${timeZone})`;
  const to = new Date(end);
  const sameDay = from.toLocaleDateString("en", { timeZone }) === to.toLocaleDateString("en", { timeZone });
  const last = to.toLocaleTimeString(undefined, clock);
  return `${text} – ${sameDay ? last : `${to.toLocaleDateString(undefined, day)}, ${last}`} (${timeZone})`;
}

export function count(value: number): string {
  return value.toLocaleString();
}

export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toLocaleString(undefined, { maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0 })} ${units[unit]}`;
}

export function milliseconds(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(1)} s` : `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

export function ago(instant: string): string {
  const seconds = Math.round((Date.now() - Date.parse(instant)) / 1000);
  const format = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]] as const)
    if (Math.abs(seconds) >= size) return format.format(-Math.round(seconds / size), unit);
  return format.format(-seconds, "second");
}
