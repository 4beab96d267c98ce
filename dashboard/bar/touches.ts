// Tells the server now and then that a person is at this page: what the page fetches by itself shows nothing of that.

/** Far below the ten minutes after which somebody has walked away from a shared tablet. */
const atMostEveryMs = 30_000;
const touches = ['pointerdown', 'keydown', 'wheel'] as const;

/** Calls `tell` at the first touch and then at most every `atMostEveryMs`; returns the function that stops it. */
export function tellTouches(tell: () => void): () => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  const onTouch = () => {
    const now = performance.now();
    if (now - toldAt < atMostEveryMs) return;
    toldAt = now;
    tell();
  };
  for (const touch of touches) window.addEventListener(touch, onTouch, { passive: true });
  return () => {
    for (const touch of touches) window.removeEventListener(touch, onTouch);
  };
}
