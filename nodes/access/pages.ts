// The plain pages of accounts: login, password, 403 and 404, in HTML without a script, made for thumbs at 390 px.

import type { ServerResponse } from 'node:http';
import { underRoot } from './http-root.ts';
import type { Language, UserIdentity } from './messages.ts';
import { type PageTextKey, pageName, pageTexts } from './page-texts.ts';
import { plainPagePolicy } from './security-headers.ts';

export interface Page {
  readonly statusCode: number;
  readonly html: string;
}

const style = `
:root { color-scheme: light dark; --ink: #1f2933; --paper: #f3f4f6; --card: #fff; --line: #8a949e; --act: #1f4e79; --on-act: #fff; --bad: #a11c1c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --paper: #15191d; --card: #20262c; --line: #76818c; --act: #8ab8e0; --on-act: #10202e; --bad: #ff9a92; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 16px; background: var(--paper); color: var(--ink); font: 18px/1.45 system-ui, sans-serif; }
main { width: 100%; max-width: 420px; background: var(--card); border-radius: 12px; padding: 24px; }
h1 { font-size: 24px; margin: 0 0 16px; }
h2 { font-size: 18px; margin: 24px 0 8px; }
label { display: block; margin: 16px 0 4px; }
input[type=text], input[type=password] { width: 100%; min-height: 48px; padding: 8px 12px; font: inherit; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 8px; }
label.tick { display: flex; gap: 12px; align-items: center; min-height: 48px; }
label.tick input { width: 24px; height: 24px; flex: none; }
button, a.button { display: block; width: 100%; min-height: 56px; margin-top: 16px; padding: 12px; font: inherit; font-weight: 600; text-align: center; text-decoration: none; color: var(--on-act); background: var(--act); border: 0; border-radius: 8px; cursor: pointer; }
button.quiet { color: inherit; background: transparent; border: 1px solid var(--line); }
a { color: inherit; }
ul { list-style: none; margin: 0; padding: 0; }
li a { display: block; padding: 12px 0; min-height: 48px; }
p.bad { color: var(--bad); font-weight: 600; margin: 0 0 8px; }
p.language { margin: 24px 0 0; }
p.language a { display: inline-block; padding: 12px 0; }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
`;
const policy = plainPagePolicy(style);

export function sendPage(response: ServerResponse, { statusCode, html }: Page): void {
  response.writeHead(statusCode, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    'cache-control': 'no-store',
  });
  response.end(html);
}

export interface LoginForm {
  readonly language: Language;
  readonly formToken: string;
  readonly next: string;
  readonly login?: string;
  readonly fault?: PageTextKey;
  readonly statusCode?: number;
}

export function loginPage(form: LoginForm): Page {
  const text = pageTexts[form.language];
  const other = form.language === 'id' ? 'en-US' : 'id';
  const focus = form.login ? ['', ' autofocus'] : [' autofocus', ''];
  return page(form.statusCode ?? 200, form.language, text.loginTitle, [
    faultOf(form.fault, form.language),
    `<form method="post" action="${underRoot('/login')}">`,
    hidden({ csrf: form.formToken, next: form.next, lang: form.language }),
    `<label for="login">${text.user}</label>`,
    `<input type="text" id="login" name="login" value="${escapeHtml(form.login ?? '')}" autocomplete="username" autocapitalize="none" spellcheck="false" required${focus[0]}>`,
    `<label for="password">${text.password}</label>`,
    `<input type="password" id="password" name="password" autocomplete="current-password" required${focus[1]}>`,
    `<label class="tick"><input type="checkbox" name="shared" value="yes"> ${text.shared}</label>`,
    `<button type="submit">${text.login}</button>`,
    '</form>',
    `<p class="language"><a lang="${other}" href="${underRoot('/login')}?lang=${other}&amp;next=${encodeURIComponent(form.next)}">${text.otherLanguage}</a></p>`,
  ]);
}

export interface PasswordForm {
  readonly user: UserIdentity;
  readonly formToken: string;
  /** A one-time password brought the person here. */
  readonly due: boolean;
  /** The person came to a shared tablet and may leave it again instead. */
  readonly atTablet?: boolean;
  readonly fault?: PageTextKey;
  readonly statusCode?: number;
}

export function passwordPage(form: PasswordForm): Page {
  const { language, login } = form.user;
  const text = pageTexts[language];
  const field = (name: string, label: string, completion: string) =>
    `<label for="${name}">${label}</label><input type="password" id="${name}" name="${name}" autocomplete="${completion}" required>`;
  return page(form.statusCode ?? 200, language, text.changeTitle, [
    form.due ? `<p>${text.changeDue}</p>` : '',
    faultOf(form.fault, language),
    `<form method="post" action="${underRoot('/password')}">`,
    hidden({ csrf: form.formToken }),
    `<input type="text" name="login" value="${escapeHtml(login)}" autocomplete="username" hidden readonly>`,
    field('current', text.current, 'current-password'),
    field('next', text.next, 'new-password'),
    field('repeat', text.repeat, 'new-password'),
    `<button type="submit">${text.save}</button>`,
    '</form>',
    form.atTablet ? leaveForm(language, form.formToken) : logOutForm(language, form.formToken),
  ]);
}

export interface PinForm {
  readonly user: UserIdentity;
  readonly formToken: string;
  readonly next: string;
  /** Digits that the roles need. */
  readonly least: number;
  readonly fault?: PageTextKey;
  readonly statusCode?: number;
}

/** For somebody whose PIN no longer fits the roles. */
export function pinPage(form: PinForm): Page {
  const { language, login } = form.user;
  const text = pageTexts[language];
  const field = (name: string, label: string, more: string) =>
    `<label for="${name}">${label}</label><input type="password" id="${name}" name="${name}" ${more} required>`;
  return page(form.statusCode ?? 200, language, text.pinTitle, [
    `<p>${text.pinWhy.replace('{least}', String(form.least))}</p>`,
    faultOf(form.fault, language),
    `<form method="post" action="${underRoot('/password')}">`,
    hidden({ csrf: form.formToken, next: form.next, act: 'pin' }),
    `<input type="text" name="login" value="${escapeHtml(login)}" autocomplete="username" hidden readonly>`,
    field('current', text.current, 'autocomplete="current-password"'),
    field('pin', text.pin, 'autocomplete="off" inputmode="numeric"'),
    field('repeat', text.repeatPin, 'autocomplete="off" inputmode="numeric"'),
    `<button type="submit">${text.save}</button>`,
    '</form>',
    `<a class="button" href="${escapeHtml(underRoot(form.next))}">${text.later}</a>`,
  ]);
}

export interface LostPage {
  readonly user: UserIdentity;
  /** Ids of the pages that the user may see. */
  readonly pages: readonly string[];
  readonly dashboardPath: string;
  readonly formToken: string;
}

export function forbiddenPage(lost: LostPage): Page {
  const text = pageTexts[lost.user.language];
  return lostPage(403, text.forbiddenTitle, text.forbidden.replace('{name}', lost.user.name), lost);
}

export function notFoundPage(lost: LostPage): Page {
  const text = pageTexts[lost.user.language];
  return lostPage(404, text.notFoundTitle, text.notFound, lost);
}

function lostPage(statusCode: number, title: string, what: string, lost: LostPage): Page {
  const { language } = lost.user;
  const text = pageTexts[language];
  const links = lost.pages.map((id) => {
    const path = `${lost.dashboardPath}/${id.split('/').map(encodeURIComponent).join('/')}`;
    return `<li><a href="${escapeHtml(underRoot(path))}">${escapeHtml(pageName(id, language))}</a></li>`;
  });
  return page(statusCode, language, title, [
    `<p>${escapeHtml(what)}</p>`,
    links.length > 0 ? `<h2>${text.yourPages}</h2><ul>${links.join('')}</ul>` : `<p>${text.noPages}</p>`,
    links.length > 0 ? `<a class="button" href="${escapeHtml(underRoot(lost.dashboardPath))}">${text.home}</a>` : '',
    logOutForm(language, lost.formToken),
  ]);
}

export function logOutForm(language: Language, formToken: string): string {
  return [
    `<form method="post" action="${underRoot('/logout')}">`,
    hidden({ csrf: formToken }),
    `<button class="quiet" type="submit">${pageTexts[language].logOut}</button>`,
    '</form>',
  ].join('');
}

function leaveForm(language: Language, formToken: string): string {
  return [
    `<form method="post" action="${underRoot('/password')}">`,
    hidden({ csrf: formToken, act: 'leave' }),
    `<button class="quiet" type="submit">${pageTexts[language].leaveTablet}</button>`,
    '</form>',
  ].join('');
}

export function logOutPage(user: UserIdentity, formToken: string): Page {
  return page(200, user.language, pageTexts[user.language].logOut, [
    `<p>${escapeHtml(user.name)}</p>`,
    logOutForm(user.language, formToken),
  ]);
}

function page(statusCode: number, language: Language, title: string, body: readonly string[]): Page {
  const html = [
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)} – Shopfloor</title><style>${style}</style></head>`,
    `<body><main><h1>${escapeHtml(title)}</h1>`,
    ...body,
    '</main></body></html>',
  ];
  return { statusCode, html: html.join('') };
}

function faultOf(fault: PageTextKey | undefined, language: Language): string {
  return fault === undefined ? '' : `<p class="bad" role="alert">${pageTexts[language][fault]}</p>`;
}

function hidden(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`)
    .join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
