import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { languages, pageRoles, type UserIdentity } from '../../nodes/access/messages.ts';
import { languageOf, pageName, pageTexts } from '../../nodes/access/page-texts.ts';
import { forbiddenPage, loginPage, notFoundPage, passwordPage, sendPage } from '../../nodes/access/pages.ts';

const mean = `"><script>alert('x')</script>`;
const user: UserIdentity = {
  id: '1',
  login: 'budi',
  name: mean,
  roles: ['qc'],
  departments: [],
  machines: [],
  language: 'en-US',
};
const lost = { user, pages: ['batches', `a/${mean}`], dashboardPath: '/dashboard', formToken: 'token' };

describe('the plain pages', () => {
  it('have every text in both languages', () => {
    const [first, ...others] = languages.map((language) => Object.keys(pageTexts[language]).sort());
    for (const other of others) assert.deepEqual(other, first);
    for (const language of languages) {
      assert.ok(Object.values(pageTexts[language]).every((text) => text.trim() !== ''));
    }
  });

  it('call every page of the package by its name, and one of the plant by its path', () => {
    for (const language of languages) {
      for (const page of Object.keys(pageRoles)) assert.notEqual(pageName(page, language), page);
      assert.equal(pageName('line-2', language), 'line-2');
    }
  });

  it('speak the language that is asked for, or preferred, and Indonesian otherwise', () => {
    assert.equal(languageOf('en-US', 'id'), 'en-US');
    assert.equal(languageOf(null, 'en-GB,en;q=0.9'), 'en-US');
    assert.equal(languageOf('fr', 'fr'), 'id');
    assert.equal(languageOf(null, undefined), 'id');
  });

  for (const [what, { html, statusCode }] of Object.entries({
    login: loginPage({
      language: 'id',
      formToken: mean,
      next: mean,
      login: mean,
      fault: 'wrongLogin',
      statusCode: 401,
    }),
    password: passwordPage({
      user: { ...user, login: mean },
      formToken: mean,
      due: true,
      fault: 'weak',
      statusCode: 400,
    }),
    forbidden: forbiddenPage(lost),
    'not found': notFoundPage(lost),
  })) {
    it(`put nothing of others into their markup (${what})`, () => {
      assert.ok(!html.includes('<script'), html);
      assert.ok(html.includes('&lt;script&gt;') || what === 'not found');
      assert.ok(statusCode >= 400);
    });

    it(`name their fields and have one heading (${what})`, () => {
      assert.equal(html.match(/<h1>/g)?.length, 1);
      for (const [, id] of html.matchAll(/<input type="(?:text|password)" id="(\w+)"/g)) {
        assert.ok(html.includes(`<label for="${id}">`), id);
      }
      assert.match(html, /<html lang="(id|en-US)">/);
      assert.match(html, /width=device-width/);
    });
  }

  it('help somebody who is lost: the own pages, and a way out', () => {
    const { html } = forbiddenPage(lost);
    assert.match(html, /href="\/dashboard\/batches"/);
    assert.match(html, /action="\/logout"/);
    assert.match(notFoundPage({ ...lost, pages: [] }).html, /Ask an administrator/);
  });

  it('allow exactly their own style', () => {
    const sent: { headers?: Record<string, string>; body?: string } = {};
    const response = {
      writeHead: (_status: number, headers: Record<string, string>) => Object.assign(sent, { headers }),
      end: (body: string) => Object.assign(sent, { body }),
    } as unknown as ServerResponse;
    sendPage(response, forbiddenPage(lost));
    const [, style = ''] = /<style>([\s\S]*)<\/style>/.exec(sent.body ?? '') ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    assert.ok(sent.headers?.['content-security-policy']?.includes(`'sha256-${hash}'`));
    assert.doesNotMatch(sent.body ?? '', / style=| on\w+=/);
  });
});
