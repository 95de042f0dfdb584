/** The editor: TypeScript, with what the compiler has to say about it. */
import { autocompletion, type CompletionContext } from '@codemirror/autocomplete';
import { javascript } from '@codemirror/lang-javascript';
import { syntaxHighlighting } from '@codemirror/language';
import { linter, lintGutter, type Diagnostic } from '@codemirror/lint';
import { EditorState, Prec } from '@codemirror/state';
import { hoverTooltip, keymap } from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';
import { basicSetup, EditorView } from 'codemirror';
import type { Finding } from '../protocol';
import type { Compiler } from './compiler';
import { element } from './element';

export interface EditorOptions {
  readonly parent: HTMLElement;
  readonly text: string;
  /** Of the program, as `step14`. */
  readonly name: string;
  readonly label: string;
  readonly compiler: Compiler;
  readonly run: () => void;
  readonly onFindings: (findings: readonly Finding[]) => void;
}

const PAUSE = 600; // milliseconds after the last key until the program is checked

export function createEditor(options: EditorOptions): EditorView {
  const { compiler, name, run } = options;
  const textOf = (state: EditorState): string => state.doc.toString();
  const check = async (view: EditorView): Promise<Diagnostic[]> => {
    const findings = await compiler.ask({ kind: 'check', name, text: textOf(view.state) });
    options.onFindings(findings);
    return findings.map(({ from, to, message }) => ({ from, to, message, severity: 'error' }));
  };
  const hover = hoverTooltip(async (view, at) => {
    const hint = await compiler.ask({ kind: 'hover', name, text: textOf(view.state), at }).catch(() => null);
    const create = () => ({ dom: element('pre', { className: 'playground-hint', textContent: hint?.text ?? '' }) });
    return hint && { pos: hint.from, end: hint.to, above: true, create };
  });
  const complete = async (context: CompletionContext) => {
    if (!context.explicit && !context.matchBefore(/[\w$.]$/)) return null;
    const found = await compiler.ask({ kind: 'complete', name, text: textOf(context.state), at: context.pos });
    return found && { from: found.from, options: [...found.options], validFor: /^[\w$]*$/ };
  };
  return new EditorView({
    parent: options.parent,
    doc: options.text,
    extensions: [
      Prec.highest(keymap.of([{ key: 'Mod-Enter', run: () => (run(), true) }])),
      basicSetup,
      EditorState.tabSize.of(2),
      javascript({ typescript: true }),
      syntaxHighlighting(classHighlighter),
      autocompletion({ override: [complete] }),
      linter(check, { delay: PAUSE }),
      lintGutter(),
      hover,
      EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': options.label }),
    ],
  });
}

/** Puts another text in the place of the one that is there; it can be undone. */
export function replaceText(view: EditorView, text: string): void {
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
}

/** Shows a line, and puts the cursor there. */
export function goTo(view: EditorView, at: number): void {
  view.dispatch({ selection: { anchor: Math.min(at, view.state.doc.length) }, scrollIntoView: true });
  view.focus();
}
