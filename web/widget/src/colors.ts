// Contrast by WCAG 2.2 §1.4.3, so that no choice of colours makes the widget unreadable.

const ENOUGH = 4.5;

/** The owner's text colour if it can be read on the background, else black or white. */
export function legible(background: string, text: string): string {
  if (contrast(background, text) >= ENOUGH) return text;
  return contrast(background, "#000000") > contrast(background, "#ffffff") ? "#000000" : "#ffffff";
}

/** 1 to 21, of two colours such as `#1f6feb`. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
