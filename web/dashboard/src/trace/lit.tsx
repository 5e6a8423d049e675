import { createContext, useContext, useMemo, useState, type ReactNode } from 'react';

type Lit = { lit: ReadonlySet<string>; light: (keys: string[]) => void };
const Context = createContext<Lit>({ lit: new Set(), light: () => undefined });

/** Values and the words they came from, inside here, light each other. */
export function LitArea({ children }: { children: ReactNode }) {
  const [lit, setLit] = useState<ReadonlySet<string>>(new Set());
  const value = useMemo(() => ({ lit, light: (keys: string[]) => setLit(new Set(keys)) }), [lit]);
  return <Context value={value}>{children}</Context>;
}

/** What makes an element light the values of these names, and whether it is lit itself. */
export function useLit(keys: string[]) {
  const { lit, light } = useContext(Context);
  const on = () => light(keys);
  const off = () => light([]);
  return {
    'data-lit': keys.some((key) => lit.has(key)) || undefined,
    onMouseEnter: on,
    onMouseLeave: off,
    onFocus: on,
    onBlur: off,
  };
}
