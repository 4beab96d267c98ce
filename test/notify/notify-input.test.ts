import assert from 'node:assert/strict';
import { InvalidInput } from '../../nodes/core/errors.ts';
import { parseChannels, parseNotify } from '../../nodes/notify/notify-input.ts';

const faultsOf = (input: unknown) => {
  try {
    parseNotify(input);
  } catch (error) {
    assert.ok(error instanceof InvalidInput);
    return error.fields.map((fault) => fault.field);
  }
  return [];
};

describe('a notify command', () => {
  const command = { command: 'notify', recipients: { roles: ['qc'] }, title: 'x' };

  it('needs somebody and a title, and is information unless it says otherwise', () => {
    assert.equal(parseNotify(command).severity, 'info');
    assert.deepEqual(faultsOf({}), ['title', 'recipients']);
    assert.deepEqual(faultsOf({ ...command, recipients: {} }), ['recipients']);
    assert.deepEqual(faultsOf({ ...command, recipients: { machines: ['s1'] } }), ['recipients']);
  });

  it('names every fault', () => {
    const wrong = {
      command: 'shout',
      severity: 'panic',
      title: 'x'.repeat(201),
      link: 'https://evil.example',
      recipients: { roles: ['boss'], departments: ['moon'] },
    };
    assert.deepEqual(faultsOf(wrong), [
      'severity',
      'link',
      'title',
      'recipients.roles',
      'recipients.departments',
      'recipients',
      'command',
    ]);
    for (const input of [null, 'text', 7, []]) assert.ok(faultsOf(input).length > 0);
  });

  for (const link of [
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    'batches',
    '/a b',
  ]) {
    it(`never leads to ${link}`, () => assert.deepEqual(faultsOf({ ...command, link }), ['link']));
  }

  it('leads inside this server', () => {
    assert.equal(parseNotify({ ...command, link: '/dashboard/batches?x=1#y' }).link, '/dashboard/batches?x=1#y');
  });
});

describe('the channels of a notify node', () => {
  it('are names, each once', () => {
    assert.deepEqual(parseChannels(' email, telegram ,'), ['email', 'telegram']);
    assert.deepEqual(parseChannels(undefined), []);
    for (const wrong of ['e mail', 'email, email', 'Email', 'a,b,c,d,e,f,g,h,i']) {
      assert.throws(() => parseChannels(wrong), InvalidInput, wrong);
    }
  });
});
