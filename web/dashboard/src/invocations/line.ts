import { valueText } from '../trace/words';

/** Parameters on one line, cut where it grows long: `order_number=ORD-12345 reason=late`. */
export function parametersLine(parameters: Record<string, unknown>, longest = 60): string {
  const line = Object.entries(parameters)
    .map(([name, value]) => `${name}=${valueText(value)}`)
    .join(' ');
  const characters = Array.from(line);
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : line;
}
