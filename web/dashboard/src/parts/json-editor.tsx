import { Input, Skeleton } from '@mantine/core';
import { Suspense, lazy, useId, type ReactNode } from 'react';
import type { Props as EditorProps } from './json-editor-inner';

const Inner = lazy(() => import('./json-editor-inner').then((file) => ({ default: file.JsonEditorInner })));

type Props = Omit<EditorProps, 'labelledBy' | 'invalid'> & { label: ReactNode; description?: ReactNode; error?: ReactNode };

/** A JSON text with colours, brackets and its mistakes marked. The editor itself is fetched when it is needed. */
export function JsonEditor({ label, description, error, ...rest }: Props) {
  const id = useId();
  return (
    <div>
      <Input.Label id={id} component="div">{label}</Input.Label>
      {description ? <Input.Description mb={4}>{description}</Input.Description> : null}
      <Suspense fallback={<Skeleton height={120} />}>
        <Inner {...rest} labelledBy={id} invalid={Boolean(error)} />
      </Suspense>
      {error ? <Input.Error mt={4}>{error}</Input.Error> : null}
    </div>
  );
}
