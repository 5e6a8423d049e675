import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDebouncedValue } from '@mantine/hooks';
import { createContext, useCallback, useContext, useMemo, useState } from 'react';
import { api, body } from '../../api/client';
import { asProblem, type ApiProblem } from '../../api/problem';
import type { Action } from '../../api/types';
import { bodyOf, changedFields, definitionOf, draftOf, localProblems, patchOf, rebased, type Draft, type Field } from '../model/draft';
import type { JsonObject } from '../model/json';
import { hasPlace, visibleNotes, refusal, withoutField, type Note } from '../model/places';

/** What the sections of the editor share. */
export interface Editor {
  /** The stored action; null while it is being made. */
  action: Action | null;
  draft: Draft;
  edit: (patch: Partial<Draft>) => void;
  /** The fields that differ from what is stored. */
  changed: Field[];
  /** What is to be said about fields, errors first. */
  notes: Note[];
  /** What cannot be read at all, by field or `row:<key>`. */
  problems: Map<string, string>;
  /** The findings are about what is on the page now. */
  checked: boolean;
  /** What the check found that would refuse a save, shown yet or not. Empty until it is about what is on the page now. */
  wrong: Note[];
  /** The check is about what is on the page now, and found nothing that would refuse a save. */
  sound: boolean;
  /** The request body as it is on the page, debounced: for the check and the preview. */
  settled: ReturnType<typeof bodyOf>;
  /** From now on fields that were never touched are complained about too. */
  complain: () => void;
  /** Puts the refused fields of a save to their places; returns what has none. */
  refused: (error: unknown) => ApiProblem | null;
  /** The stored action has changed: its values become the baseline; what was edited since stays. */
  rebase: (action: Action, since?: Draft) => void;
  /** What has changed, as a patch. */
  patch: () => JsonObject;
  /** Edited fields go back to what is stored. */
  discard: () => void;
}

const Context = createContext<Editor | null>(null);
export const EditorProvider = Context.Provider;

/** The editor that this component stands in. */
export function useEditor(): Editor {
  const editor = useContext(Context);
  if (!editor) throw new Error('outside of an action editor');
  return editor;
}

const REQUIRED: Field[] = ['name', 'display_name', 'description', 'webhook_url', 'parameters'];
const SETTLE_MS = 350;

/** The state of one editor. */
export function useEditorState(action: Action | null, first: Draft): Editor {
  const [baseline, setBaseline] = useState(first);
  const [draft, setDraft] = useState(first);
  const [touched, setTouched] = useState<Field[]>([]);
  const [attempted, setAttempted] = useState(false);
  const [refusals, setRefusals] = useState<Note[]>([]);

  const edit = useCallback((patch: Partial<Draft>) => {
    const fields = Object.keys(patch) as Field[];
    setDraft((before) => ({ ...before, ...patch }));
    setTouched((before) => [...new Set([...before, ...fields])]);
    setRefusals((before) => fields.reduce(withoutField, before));
  }, []);

  const rebase = useCallback(
    (stored: Action, since: Draft = baseline) => {
      const next = draftOf(definitionOf(stored));
      setDraft((current) => rebased(current, since, next));
      setBaseline(next);
    },
    [baseline],
  );

  const text = useMemo(() => JSON.stringify({ ...bodyOf(draft), ...(action ? { id: action.id } : {}) }), [draft, action]);
  const [settledText] = useDebouncedValue(text, SETTLE_MS);
  const settled = useMemo(() => JSON.parse(settledText) as ReturnType<typeof bodyOf>, [settledText]);
  const check = useQuery<Note[]>({
    queryKey: ['action-check', settledText],
    queryFn: ({ signal }) =>
      body(api.POST('/v1/actions/check', { body: settled as never, signal })).then((checked) => checked.findings),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 60_000,
  });

  const problems = useMemo(() => localProblems(draft), [draft]);
  const notes = useMemo(() => {
    const untouched = action || attempted ? [] : REQUIRED.filter((field) => !touched.includes(field));
    return visibleNotes(refusals, check.data ?? [], [...problems.keys()], untouched);
  }, [action, attempted, check.data, problems, refusals, touched]);

  const checked = check.isSuccess && !check.isPlaceholderData && settledText === text;
  const wrong = checked ? check.data.filter((note) => note.severity === 'error') : [];
  return {
    action,
    draft,
    edit,
    changed: useMemo(() => changedFields(baseline, draft), [baseline, draft]),
    notes,
    problems,
    checked,
    wrong,
    sound: checked && problems.size === 0 && wrong.length === 0,
    settled,
    complain: useCallback(() => setAttempted(true), []),
    refused: useCallback((error: unknown) => {
      const problem = asProblem(error);
      setAttempted(true);
      if (problem.code === 'name_taken') {
        setRefusals([{ ...refusal({ field: 'name', message: problem.detail }), code: 'name_taken' }]);
        return null;
      }
      setRefusals(problem.errors.map(refusal));
      return problem.errors.length > 0 && problem.errors.every(({ field }) => hasPlace(field)) ? null : problem;
    }, []),
    rebase,
    patch: () => patchOf(baseline, draft),
    discard: useCallback(() => {
      setDraft(baseline);
      setRefusals([]);
    }, [baseline]),
  };
}
