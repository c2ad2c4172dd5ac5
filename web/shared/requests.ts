// Requests to the service that has served the page, with the visitor's key when there is one.

export interface Problem {
  status: number;
  title: string;
  detail?: string;
  code?: string;
  request_id?: string;
  errors?: { parameter?: string; pointer?: string; detail?: string; nearest?: string }[];
}

export class RequestError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
  }
}

const KEY = "eventd-key"; // of this tab only

export function key(): string {
  return sessionStorage.getItem(KEY) ?? "";
}

export function keepKey(value: string): void {
  if (value) sessionStorage.setItem(KEY, value);
  else sessionStorage.removeItem(KEY);
}

export function authorisation(): Record<string, string> {
  return key() ? { Authorization: `Bearer ${key()}` } : {};
}

export async function request<T>(path: string, options: { method?: string; body?: unknown; signal?: AbortSignal } = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json", ...authorisation() };
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  let answer: Response;
  try {
    answer = await fetch(path, {
      method: options.method ?? "GET",
      headers,
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      signal: options.signal,
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new RequestError({ status: 0, title: "The service does not answer" });
  }
  const body: unknown = await answer.json().catch(() => null);
  if (!answer.ok) throw new RequestError((body as Problem | null) ?? { status: answer.status, title: answer.statusText });
  return body as T;
}

// Server-sent events over fetch, because EventSource cannot send a key. Connects again, from the last id on, until the
// signal ends it; `state` is told whether it is connected.
export async function follow(
  path: string,
  receive: (type: string, data: unknown) => void,
  state: (connected: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  let last = "";
  let pause = 500;
  while (!signal.aborted) {
    try {
      const headers = { Accept: "text/event-stream", ...authorisation(), ...(last ? { "Last-Event-ID": last } : {}) };
      const answer = await fetch(path, { headers, signal });
      if (!answer.ok || !answer.body) throw new RequestError({ status: answer.status, title: answer.statusText });
      state(true);
      pause = 500;
      for await (const block of blocks(answer.body)) {
        const fields = parse(block);
        if (fields.id !== undefined) last = fields.id;
        if (fields.data !== undefined) receive(fields.event ?? "message", JSON.parse(fields.data));
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof RequestError && (error.problem.status === 401 || error.problem.status === 403)) throw error;
    }
    state(false);
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 2, 10_000);
  }
}

async function* blocks(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    rest += value;
    const parts = rest.split("\n\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}

function parse(block: string): { id?: string; event?: string; data?: string } {
  const fields: Record<string, string> = {};
  for (const line of block.split("\n")) {
    const at = line.indexOf(":");
    if (at > 0) fields[line.slice(0, at)] = line.slice(at + 1).replace(/^ /, "");
  }
  return fields;
}
