/** The worker's line to the page. */
import type { Event, FromProgram, ToProgram, Wish } from '../protocol';

const MOST_LINES = 20_000;
const MOST_LETTERS = 5_000_000;
const AT_ONCE = 500; // so many lines are sent as they come; later ones together, so that the page keeps up
const PAUSE = 50; // milliseconds

let port: MessagePort | undefined;
let events: Event[] = [];
let lines = 0;
let letters = 0;
let sent = 0;
let isFlooded = false;
let isWaiting = false;
const answers = new Map<number, { give: (bytes: Uint8Array) => void; refuse: (error: Error) => void }>();
const { setTimeout: later } = globalThis; // the program gets another, which is watched

/** Begins to listen; `start` is called once. */
export function connect(to: MessagePort, start: (message: ToProgram & { kind: 'start' }) => void): void {
  port = to;
  port.onmessage = ({ data }: MessageEvent<ToProgram>) => {
    if (data.kind === 'start') return start(data);
    const waiting = answers.get(data.id);
    answers.delete(data.id);
    if ('bytes' in data) waiting?.give(data.bytes);
    else waiting?.refuse(new Error(data.error));
  };
}

export function say(message: FromProgram): void {
  flush();
  port?.postMessage(message);
}

/** Puts a line, or a file, behind what has been shown. */
export function show(event: Event): void {
  if (isFlooded) return;
  events.push(event);
  if (event.kind === 'line') {
    lines++;
    letters += event.text.length;
  }
  if (lines > MOST_LINES || letters > MOST_LETTERS) {
    isFlooded = true;
    return say({ kind: 'flooded' });
  }
  if (lines <= AT_ONCE || performance.now() - sent > PAUSE) return flush();
  if (isWaiting) return;
  isWaiting = true;
  later(() => {
    isWaiting = false;
    flush();
  }, PAUSE);
}

export function ask(wish: Wish): Promise<Uint8Array> {
  const id = answers.size === 0 ? 0 : Math.max(...answers.keys()) + 1;
  return new Promise((give, refuse) => {
    answers.set(id, { give, refuse });
    say({ kind: 'ask', id, wish });
  });
}

function flush(): void {
  if (events.length > 0) port?.postMessage({ kind: 'events', events } satisfies FromProgram);
  events = [];
  sent = performance.now();
}
