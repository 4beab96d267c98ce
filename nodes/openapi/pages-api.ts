// Login, log out and password as plain pages, and this description itself.
import type { RawReply, RoomOfApi } from './operations.ts';
import { exactly, oneOf, text } from './schema-words.ts';

const page = (description: string): RawReply => ({ types: ['text/html'], description });

export const pagesApi: RoomOfApi = {
  tag: 'pages',
  description: 'Plain pages for browsers, and this description.',
  operations: {
    'GET /login': { summary: 'The login page', reply: page('A form.'), open: true },
    'POST /login': {
      summary: 'Log in',
      description: 'Sets the session cookie and leads on; a refusal shows the form again.',
      form: exactly({ login: text, password: text, csrf: text, 'next?': text, 'lang?': text, 'shared?': text }),
      reply: page('Redirect to the wished page.'),
      status: 303,
      open: true,
      refusals: [401, 429],
    },
    'GET /logout': { summary: 'Asks whether to log out', reply: page('A form.') },
    'POST /logout': {
      summary: 'Log out',
      reply: { types: ['application/json', 'text/html'], description: '`{success: true}` for a script.' },
    },
    'GET /password': {
      summary: 'The page for a new password, or with `for=pin` for a new PIN',
      query: [
        { name: 'for', schema: oneOf('pin') },
        { name: 'next', schema: text },
      ],
      reply: page('A form.'),
    },
    'POST /password': {
      summary: 'Change the own password or PIN, or leave a shared tablet',
      description:
        'Without `act` the new password is `next`; with `pin` the new PIN is `pin`, and `next` the page to go on to.',
      form: exactly({
        'act?': oneOf('pin', 'leave'),
        'current?': text,
        'next?': text,
        'pin?': text,
        'repeat?': text,
        csrf: text,
      }),
      reply: page('Redirect to the first page.'),
      status: 303,
    },
    'GET /api/openapi.json': {
      summary: 'This description',
      reply: { types: ['application/json'], description: 'An OpenAPI 3.1 document.' },
    },
  },
  schemas: {},
};
