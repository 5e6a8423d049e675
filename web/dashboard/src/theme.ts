import {
  type CSSVariablesResolver,
  type MantineColorsTuple,
  createTheme,
} from '@mantine/core';

const accent: MantineColorsTuple = [
  '#eef4ff', '#dbe7fe', '#b9d0fb', '#8fb3f7', '#6597f2',
  '#3f7dea', '#1f5fd6', '#1a52bb', '#16459c', '#113678',
];

/** One accent, the system's own type, 14 px base. */
export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: 6,
  colors: { accent },
  autoContrast: true,
  defaultRadius: 'sm',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.5' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.4' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
      h4: { fontSize: '0.875rem', lineHeight: '1.45' },
    },
  },
  components: {
    Button: { defaultProps: { size: 'sm' } },
    InputWrapper: { styles: { description: { fontSize: '0.75rem' }, error: { fontSize: '0.75rem' } } },
    TextInput: { defaultProps: { size: 'sm' } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 200 } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Dismiss' } } },
    Modal: { defaultProps: { centered: true, closeButtonProps: { 'aria-label': 'Close' } }, styles: { title: { fontWeight: 600, fontSize: '1rem' } } },
    Anchor: { defaultProps: { underline: 'always' } },
  },
});

/** Quiet text and errors that still hold 4.5:1, light and dark. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5a626d',
    '--mantine-color-placeholder': '#6b7380',
    '--mantine-color-error': '#c02020',
    '--mantine-color-anchor': '#1a52bb',
    '--dh-accent': '#1f5fd6',
    '--dh-border': '#e3e6ea',
    '--dh-surface': '#f7f8fa',
    '--dh-green': '#1a7f42', '--dh-green-soft': '#e4f5ea', '--dh-green-text': '#136333',
    '--dh-amber': '#b86e00', '--dh-amber-soft': '#fdf1d9', '--dh-amber-text': '#7d4a00',
    '--dh-red': '#cf2a2a', '--dh-red-soft': '#fdeaea', '--dh-red-text': '#a51d1d',
    '--dh-grey': '#727a85', '--dh-grey-soft': '#eef0f2', '--dh-grey-text': '#4b525c',
  },
  dark: {
    '--mantine-color-dimmed': '#a3abb6',
    '--mantine-color-placeholder': '#8f97a3',
    '--mantine-color-error': '#ff8a8a',
    '--mantine-color-anchor': '#8fb3f7',
    '--dh-accent': '#6597f2',
    '--dh-border': '#383b40',
    '--dh-surface': '#1f2124',
    '--dh-green': '#3fb96b', '--dh-green-soft': '#15301f', '--dh-green-text': '#86dba4',
    '--dh-amber': '#e0a030', '--dh-amber-soft': '#35280f', '--dh-amber-text': '#f0c677',
    '--dh-red': '#ef6a6a', '--dh-red-soft': '#3a1a1a', '--dh-red-text': '#ffa3a3',
    '--dh-grey': '#8c949f', '--dh-grey-soft': '#2c2f33', '--dh-grey-text': '#bfc5cd',
  },
});
