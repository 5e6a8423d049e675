import type { ReactNode } from 'react';
import { CopyButton } from './copy-button';
import classes from './parts.module.css';

type Props = {
  code: string;
  /** A line above: what this is. */
  title?: ReactNode;
  /** What the copy button says it copies. */
  copyLabel?: string;
  wrap?: boolean;
  /** CSS height after which it scrolls. */
  height?: string;
  /** Shown instead of the plain text (marked up), while `code` is what is copied. */
  children?: ReactNode;
};

/** Code or JSON as it is, in one mono face, with a copy button. */
export function CodeBlock({ code, title, copyLabel = 'Copy', wrap = false, height, children }: Props) {
  const style = height ? ({ '--dh-code-height': height } as React.CSSProperties) : undefined;
  return (
    <div className={classes.code} data-wrap={wrap || undefined} style={style}>
      {title !== undefined ? (
        <div className={classes.codeHead}><span>{title}</span><CopyButton text={code} label={copyLabel} /></div>
      ) : <div className={classes.codeCopy}><CopyButton text={code} label={copyLabel} /></div>}
      <pre tabIndex={0} role="region" aria-label={typeof title === 'string' ? title : 'Code'}>{children ?? code}</pre>
    </div>
  );
}

/** JSON, two spaces, as text. */
export function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2) ?? 'null';
}
