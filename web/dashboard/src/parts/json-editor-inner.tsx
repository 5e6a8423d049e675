import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json, jsonParseLinter } from '@codemirror/lang-json';
import { HighlightStyle, bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { linter, lintKeymap, type Diagnostic } from '@codemirror/lint';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';
import classes from './parts.module.css';

/** What the editor takes. */
export type Props = {
  value: string;
  onChange?: (value: string) => void;
  readOnly?: boolean;
  labelledBy: string;
  invalid?: boolean;
  /** More checks than being JSON, from the text and its value. */
  check?: (text: string) => Diagnostic[];
  minHeight?: number;
  maxHeight?: number;
};

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--mantine-color-anchor)' },
  { tag: tags.string, color: 'var(--dh-green-text)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--dh-amber-text)' },
]);

const look = EditorView.theme({
  '&': { fontSize: '13px', backgroundColor: 'var(--mantine-color-body)', color: 'var(--mantine-color-text)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '1.55' },
  '.cm-gutters': { backgroundColor: 'var(--dh-surface)', color: 'var(--mantine-color-dimmed)', border: 'none' },
  '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--mantine-primary-color-light-hover)',
  },
  '.cm-tooltip': { backgroundColor: 'var(--mantine-color-body)', border: '1px solid var(--dh-border)' },
});

/** CodeMirror in its own chunk; use `JsonEditor`. */
export function JsonEditorInner({ value, onChange, readOnly = false, labelledBy, invalid, check, minHeight = 96, maxHeight = 420 }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef({ onChange, check });
  const locked = useRef(new Compartment());
  useEffect(() => {
    latest.current = { onChange, check };
  });
  useEffect(() => {
    if (!host.current) return undefined;
    const lintJson = jsonParseLinter();
    const created = new EditorView({
      parent: host.current,
      doc: value,
      extensions: [
        lineNumbers(), history(), indentOnInput(), bracketMatching(), json(), syntaxHighlighting(colours), look,
        // Tab leaves the editor: it must not be a trap for the keyboard.
        keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap]),
        linter((editor) => {
          const text = editor.state.doc.toString();
          if (text.trim() === '') return [];
          const broken = lintJson(editor);
          return broken.length > 0 ? broken : (latest.current.check?.(text) ?? []);
        }, { delay: 250 }),
        EditorView.contentAttributes.of({ 'aria-labelledby': labelledBy, 'aria-multiline': 'true' }),
        EditorView.theme({ '.cm-scroller': { minHeight: `${minHeight}px`, maxHeight: `${maxHeight}px`, overflow: 'auto' } }),
        EditorView.lineWrapping,
        locked.current.of(EditorState.readOnly.of(readOnly)),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) latest.current.onChange?.(update.state.doc.toString());
        }),
      ],
    });
    view.current = created;
    return () => {
      created.destroy();
      view.current = null;
    };
    // The editor is made once; `value` and `readOnly` reach it by the effects below.
  }, [labelledBy, minHeight, maxHeight]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    view.current?.dispatch({ effects: locked.current.reconfigure(EditorState.readOnly.of(readOnly)) });
  }, [readOnly]);
  return <div ref={host} className={classes.editor} data-invalid={invalid || undefined} />;
}
