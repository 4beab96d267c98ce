// The design tokens as a canvas needs them: as colours, read again when the theme changes.

const tokens = {
  text: '--sf-text',
  muted: '--sf-muted',
  line: '--sf-line',
  edge: '--sf-edge',
  track: '--sf-track',
  fill: '--sf-fill',
  main: '--sf-main',
  alarm: '--sf-alarm',
  warning: '--sf-warning-mark',
  notice: '--sf-notice',
} as const;

export type ChartColour = keyof typeof tokens;

export interface ChartLook {
  readonly colour: Readonly<Record<ChartColour, string>>;
  readonly font: string;
  /** Wide enough for every label of an axis; on a phone some are left out. */
  readonly narrow: boolean;
}

/** Below this width, in px, labels get sparse. */
const narrowBelowPx = 480;

export function readLook(element: HTMLElement): ChartLook {
  const style = getComputedStyle(element);
  const entries = Object.entries(tokens).map(([name, token]) => [name, style.getPropertyValue(token).trim()]);
  return {
    colour: Object.fromEntries(entries) as Record<ChartColour, string>,
    font: style.getPropertyValue('--sf-font').trim(),
    narrow: element.clientWidth < narrowBelowPx,
  };
}

/** Calls `onChange` when the page turns dark or light; returns how to stop. */
export function watchTheme(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-sf-theme'] });
  return () => observer.disconnect();
}
