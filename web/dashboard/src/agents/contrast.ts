/** `#rgb` or `#rrggbb` as three numbers, or nothing. */
export function parseColor(text: string): [number, number, number] | null {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(text.trim());
  const hex = short ? `#${short[1]}${short[1]}${short[2]}${short[2]}${short[3]}${short[3]}` : text.trim();
  const full = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  if (!full) return null;
  const part = (at: number) => Number.parseInt(full[at] ?? '0', 16);
  return [part(1), part(2), part(3)];
}

/** The contrast of two colours as WCAG 2 counts it: 1 to 21; nothing where one is no colour. */
export function contrast(one: string, other: string): number | null {
  const a = parseColor(one);
  const b = parseColor(other);
  if (!a || !b) return null;
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: [number, number, number]): number {
  const [r, g, b] = color.map((value) => {
    const part = value / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
