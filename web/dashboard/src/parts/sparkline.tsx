/** A small line of counts, without axes: its words stand beside it. */
export function Sparkline({ values, width = 96, height = 24 }: { values: number[]; width?: number; height?: number }) {
  const top = Math.max(1, ...values);
  const step = values.length > 1 ? width / (values.length - 1) : width;
  const points = values.map((value, at) => `${(at * step).toFixed(1)},${(height - 2 - (value / top) * (height - 4)).toFixed(1)}`);
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden focusable="false" style={{ display: 'block' }}>
      <polyline points={points.join(' ')} fill="none" stroke="var(--dh-accent)" strokeWidth={1.5} strokeLinejoin="round" />
    </svg>
  );
}
