import { Button, Group, Select, Skeleton, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconX } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react';
import { useFilters } from './filters';
import classes from './parts.module.css';
import { ProblemAlert } from './problem-alert';

/** One column: how a cell looks. */
export type Column<T> = {
  key: string;
  title: string;
  render: (row: T) => ReactNode;
  right?: boolean;
  width?: number | string;
  /** Left out on narrow screens. */
  wideOnly?: boolean;
};

/** A filter above the table; its value lives in the address under `key`. */
export type Filter =
  | { key: string; label: string; kind: 'text' }
  | { key: string; label: string; kind: 'choice'; options: { value: string; label: string }[] };

type Props<T> = {
  /** What the list is, for screen readers: "Agents". */
  label: string;
  columns: Column<T>[];
  rows: T[] | undefined;
  rowKey: (row: T) => string;
  /** Where a row leads: an address. */
  rowLink?: (row: T) => string;
  filters?: Filter[];
  loading?: boolean;
  error?: unknown;
  retry?: () => void;
  hasMore?: boolean;
  more?: () => void;
  loadingMore?: boolean;
  /** Shown when there is nothing and no filter is set. */
  empty: ReactNode;
};

/** A list: sticky head, filters in the address, a row opens by click, or by j, k and Enter. */
export function DataTable<T>(props: Props<T>) {
  const { label, columns, rows, rowKey, rowLink, filters = [], loading = false, error, retry, empty } = props;
  const [values] = useFilters();
  const filtered = filters.some(({ key }) => values[key] !== undefined);
  const navigate = useNavigate();
  const table = useRef<HTMLTableElement>(null);
  const [current, setCurrent] = useState(-1);
  const count = rows?.length ?? 0;
  const open = (row: T, event?: MouseEvent) => {
    const to = rowLink?.(row);
    if (!to) return;
    if (event && (event.metaKey || event.ctrlKey)) window.open(to, '_blank', 'noopener');
    else void navigate({ to });
  };
  useListKeys(rowLink !== undefined, (step) => setCurrent((at) => Math.max(0, Math.min(count - 1, at + step))));
  useEffect(() => {
    if (current >= 0) table.current?.querySelectorAll<HTMLElement>('tbody tr')[current]?.focus();
  }, [current]);
  const onKey = (event: KeyboardEvent, row: T) => {
    if (event.key === 'Enter' && event.target === event.currentTarget) open(row);
  };
  const onClick = (event: MouseEvent, row: T) => {
    // A switch, a button or a link in a row is itself; so is text that is being selected.
    if ((event.target as HTMLElement).closest('a, button, input, label, [role=menu]')) return;
    if (window.getSelection()?.toString()) return;
    open(row, event);
  };

  return (
    <>
      {filters.length > 0 && (count > 0 || filtered || loading) ? <FilterBar filters={filters} /> : null}
      {error && !rows ? <ProblemAlert error={error} onRetry={retry} /> : null}
      {!loading && !error && count === 0 ? (filtered ? <NoMatch /> : empty) : null}
      {loading || count > 0 ? (
        <div className={classes.scroller}>
          <table className={classes.table} ref={table} aria-label={label} aria-busy={loading}>
            <thead>
              <tr>
                {columns.map((column) => (
                  <th key={column.key} scope="col" style={{ width: column.width }} className={cellClass(column)}>{column.title}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {loading && !rows ? <SkeletonRows columns={columns} /> : rows?.map((row, at) => (
                <tr
                  key={rowKey(row)}
                  data-opens={rowLink ? true : undefined}
                  data-current={at === current || undefined}
                  tabIndex={rowLink ? 0 : undefined}
                  onClick={(event) => onClick(event, row)}
                  onKeyDown={(event) => onKey(event, row)}
                  onFocus={(event) => { if (event.target === event.currentTarget) setCurrent(at); }}
                >
                  {columns.map((column) => <td key={column.key} className={cellClass(column)}>{column.render(row)}</td>)}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {props.hasMore ? (
        <Group justify="center" mt="md">
          <Button variant="default" onClick={props.more} loading={props.loadingMore}>Load more</Button>
        </Group>
      ) : null}
    </>
  );
}

function cellClass(column: { right?: boolean; wideOnly?: boolean }): string | undefined {
  const names = [column.right ? classes.right : '', column.wideOnly ? classes.wideOnly : ''].filter(Boolean);
  return names.length > 0 ? names.join(' ') : undefined;
}

function SkeletonRows<T>({ columns }: { columns: Column<T>[] }) {
  return Array.from({ length: 6 }, (_, row) => (
    <tr key={row}>
      {columns.map((column) => <td key={column.key} className={cellClass(column)}><Skeleton height={14} width={column.right ? 48 : '70%'} my={4} ml={column.right ? 'auto' : 0} /></td>)}
    </tr>
  ));
}

function NoMatch() {
  const [, , clear] = useFilters();
  return (
    <div className={classes.empty}>
      Nothing matches these filters.
      <div style={{ marginTop: 12 }}><Button variant="default" size="xs" onClick={clear}>Clear filters</Button></div>
    </div>
  );
}

function FilterBar({ filters }: { filters: Filter[] }) {
  const [values, set, clear] = useFilters();
  const some = filters.some(({ key }) => values[key] !== undefined);
  return (
    <Group gap="xs" mb="sm" role="search">
      {filters.map((filter) =>
        filter.kind === 'text'
          ? <TextFilter key={filter.key} label={filter.label} value={values[filter.key] ?? ''} onChange={(value) => set(filter.key, value || null)} />
          : (
            <Select
              key={filter.key}
              size="xs"
              w={170}
              clearable
              aria-label={filter.label}
              placeholder={filter.label}
              data={filter.options}
              value={values[filter.key] ?? null}
              onChange={(value) => set(filter.key, value)}
              searchable={filter.options.length > 8}
            />
          ),
      )}
      {some ? <Button size="xs" variant="subtle" color="gray" leftSection={<IconX size={13} />} onClick={clear}>Clear</Button> : null}
    </Group>
  );
}

function TextFilter({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const [typed, setTyped] = useState(value);
  const [shown, setShown] = useState(value);
  const send = useDebouncedCallback(onChange, 300);
  // The address changed from elsewhere (back button, "Clear"): follow it.
  if (shown !== value) {
    setShown(value);
    setTyped(value);
  }
  return (
    <TextInput
      size="xs"
      w={220}
      type="search"
      aria-label={label}
      placeholder={label}
      value={typed}
      onChange={(event) => { setTyped(event.currentTarget.value); send(event.currentTarget.value); }}
    />
  );
}

/** j and k go down and up the list, unless one is typing. */
function useListKeys(on: boolean, step: (by: number) => void) {
  const latest = useRef(step);
  useEffect(() => {
    latest.current = step;
  });
  useEffect(() => {
    if (!on) return undefined;
    const listen = (event: globalThis.KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey) return;
      const target = event.target as HTMLElement;
      if (target.isContentEditable || target.closest('input, textarea, select, [role=dialog]')) return;
      if (event.key === 'j') latest.current(1);
      else if (event.key === 'k') latest.current(-1);
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [on]);
}
