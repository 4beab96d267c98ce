import assert from 'node:assert/strict';
import { type FieldFault, InvalidInput } from '../../nodes/core/errors.ts';
import { FieldReader } from '../../nodes/core/field-reader.ts';
import { errorReply } from '../../nodes/core/http-envelope.ts';

/** The refusal of what `read` finds wrong in `source`. */
function refusalOf(source: unknown, read: (fields: FieldReader) => unknown): InvalidInput {
  const fields = new FieldReader(source);
  read(fields);
  try {
    fields.finish('The command');
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a refused field', () => {
  const cases: readonly (readonly [unknown, (fields: FieldReader) => unknown, FieldFault])[] = [
    [
      { name: 'abcd' },
      (fields) => fields.text('name', 3),
      { field: 'name', message: 'must be a text of at most 3 characters', code: 'too-long', values: { most: 3 } },
    ],
    ...[{}, { name: null }].map(
      (source) =>
        [
          source,
          (fields: FieldReader) => fields.words('name'),
          { field: 'name', message: 'must not be empty', code: 'empty' },
        ] as const,
    ),
    [{ name: ' ' }, (fields) => fields.words('name'), { field: 'name', message: 'must not be empty', code: 'empty' }],
    [
      { kind: 'z' },
      (fields) => fields.oneOf('kind', ['a', 'b']),
      { field: 'kind', message: 'must be one of a, b', code: 'choice', values: { choices: 'a, b' } },
    ],
    [
      { parts: [{ pieces: 0 }] },
      (fields) => fields.list('parts', 9, (part) => part.whole('pieces', 1, 5)),
      {
        field: 'parts[0].pieces',
        message: 'must be a whole number from 1 to 5',
        code: 'whole-number',
        values: { least: 1, most: 5 },
      },
    ],
    [
      { parts: [1, 2] },
      (fields) => fields.items('parts', 1),
      { field: 'parts', message: 'must be a list of at most 1', code: 'too-many', values: { most: 1 } },
    ],
    [
      { name: 7 },
      (fields) => fields.text('name', 3),
      { field: 'name', message: 'must be a text of at most 3 characters', code: 'not-a-text', values: { most: 3 } },
    ],
    [
      { parts: '[]' },
      (fields) => fields.items('parts', 1),
      { field: 'parts', message: 'must be a list of at most 1', code: 'not-a-list', values: { most: 1 } },
    ],
    [
      { name: 'abc', naem: 'x' },
      (fields) => {
        fields.text('name');
        fields.refuseOthers();
      },
      { field: 'naem', message: 'is no field of this', code: 'unknown-field' },
    ],
    ['text', () => undefined, { field: 'payload', message: 'must be an object', code: 'not-an-object' }],
    [{ odd: 1 }, (fields) => fields.fault('odd', 'is odd'), { field: 'odd', message: 'is odd' }],
  ];
  for (const [source, read, fault] of cases) {
    it(`says "${fault.message}", and by which rule, to people and programs`, () => {
      const refusal = refusalOf(source, read);
      assert.deepEqual(refusal.fields, [fault]);
      assert.equal(refusal.message, `The command is refused: ${fault.field}: ${fault.message}.`);
      const { statusCode, payload } = errorReply(refusal);
      assert.equal(statusCode, 400);
      assert.deepEqual(payload.error, { code: 'invalid-input', message: refusal.message, fields: [fault] });
    });
  }
});
