/** What is typed as a name, the way names are written: lower case, words joined by `_`. */
export function nameFrom(text: string): string {
  return text.toLowerCase().replace(/[\s-]+/g, '_');
}

/** `check_order_status` → “Check order status”. */
export function displayNameFor(name: string): string {
  const words = name
    .split('_')
    .filter((word) => word !== '')
    .join(' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
