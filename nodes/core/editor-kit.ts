// The node kit in the editor: the dialogs judge a setting by the same rule as the runtime. Built into resources/shopfloor-editor.js.
import { isUnset, namedVariable } from './setting-text.ts';

/** What the editor half of a node finds as `shopfloorEditor`; a setting that names a variable is fine there, set or not. */
export const shopfloorEditor = {
  isVariable: (value: unknown): boolean => namedVariable(value) !== undefined,
  /** Empty, or a variable: the node has a value of its own for both. */
  isUnset,
};

Object.assign(globalThis, { shopfloorEditor });
