import type { Section } from '../model/places';

/** Brings a section into view; to its first wrong field, or to its title. */
export function goTo(section: Section, toError: boolean): void {
  // After this render: the section may be about to appear, or its errors are.
  requestAnimationFrame(() => {
    const panel = document.getElementById(section);
    if (!panel) return;
    const wrong = toError ? panel.querySelector<HTMLElement>('[aria-invalid="true"], [data-error] input') : null;
    const focus = wrong ?? panel.querySelector<HTMLElement>('h2');
    const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    (wrong ?? panel).scrollIntoView({ behavior: still ? 'auto' : 'smooth', block: wrong ? 'center' : 'start' });
    focus?.focus({ preventScroll: true });
  });
}
