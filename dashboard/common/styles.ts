// Puts the style sheets of the widgets on the page, after the dashboard's own.

import andon from '../styles/andon.css?inline';
import bar from '../styles/bar.css?inline';
import base from '../styles/base.css?inline';
import board from '../styles/board.css?inline';
import charts from '../styles/charts.css?inline';
import ctp from '../styles/ctp.css?inline';
import ctpForms from '../styles/ctp-forms.css?inline';
import detail from '../styles/detail.css?inline';
import people from '../styles/people.css?inline';
import production from '../styles/production.css?inline';
import tokens from '../styles/tokens.css?inline';

/** A constructed sheet needs no inline style, so it works under a strict content security policy. */
export function installStyles(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync([tokens, base, bar, board, detail, people, ctp, ctpForms, andon, charts, production].join('\n'));
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
