import assert from 'node:assert/strict';
import fc from 'fast-check';
import { shopfloorEditor } from '../../nodes/core/editor-kit.ts';
import { isUnset, namedVariable, settingSwitch, settingText, watchesOnly } from '../../nodes/core/setting-text.ts';

const variable = (name: string) => `\${${name}}`;

describe('a setting of a node', () => {
  it('is trimmed text, whatever the editor or a variable made of it', () => {
    assert.deepEqual(
      [' 5 ', 5, 0, true, false].map((value) => settingText(value)),
      ['5', '5', '0', 'true', 'false'],
    );
    assert.deepEqual(
      [undefined, null, '', '  ', {}, []].map((value) => settingText(value)),
      Array(6).fill(''),
    );
  });

  it('is not set when it still names a variable, in both forms that Node-RED replaces', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z_][\w:.-]{0,30}$/), (name) => {
        for (const text of [variable(name), `$(${name})`, ` ${variable(name)} `]) {
          assert.equal(namedVariable(text), name);
          assert.equal(settingText(text), '');
          assert.ok(isUnset(text));
          assert.equal(settingText(text, 'usual'), 'usual');
          assert.ok(shopfloorEditor.isVariable(text) && shopfloorEditor.isUnset(text));
        }
      }),
    );
  });

  it('is any other text as it is, dollars and braces included', () => {
    for (const text of ['$', variable(''), `${variable('A')}/x`, `x${variable('A')}`, `\${A B}`, '{A}', '$A']) {
      assert.equal(namedVariable(text), undefined, text);
      assert.equal(settingText(text), text.trim());
      assert.equal(shopfloorEditor.isVariable(text), false);
    }
  });

  it('stays nothing when its variable is set to nothing: the usual value is for a variable that does not exist', () => {
    assert.equal(settingText('', 'usual'), '');
    assert.equal(settingText(variable('A'), variable('B')), '');
  });

  it('is a switch by the words of the start', () => {
    for (const on of ['true', '1', 'YES', ' on ', true]) assert.equal(settingSwitch(on, false), true);
    for (const off of ['false', '0', 'No', 'off', false]) assert.equal(settingSwitch(off, true), false);
    for (const absent of ['', undefined, variable('ENABLE_AUTO_SYNC')]) assert.equal(settingSwitch(absent, true), true);
    assert.equal(settingSwitch('perhaps', true), undefined);
  });

  it('watches only for the own switch or the one of all nodes, and for a word that is neither on nor off', () => {
    assert.equal(watchesOnly(false, {}), false);
    assert.equal(watchesOnly(true, {}), true);
    assert.equal(watchesOnly(false, { SHOPFLOOR_WATCH_ONLY: '1' }), true);
    assert.equal(watchesOnly('false', { SHOPFLOOR_WATCH_ONLY: 'false' }), false);
    assert.equal(watchesOnly(false, { SHOPFLOOR_WATCH_ONLY: 'perhaps' }), true);
  });
});
