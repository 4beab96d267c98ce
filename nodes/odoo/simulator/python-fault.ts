// What goes wrong inside an Odoo server, as it shows itself over XML-RPC (fault codes) and JSON-2 (HTTP statuses).

/** How a Python exception class appears on each wire (measured on 15, 16, 17 and 19). */
const appearances = {
  UserError: { faultCode: 2, httpStatus: 422, name: 'odoo.exceptions.UserError' },
  MissingError: { faultCode: 2, httpStatus: 404, name: 'odoo.exceptions.MissingError' },
  AccessDenied: { faultCode: 3, httpStatus: 401, name: 'odoo.exceptions.AccessDenied' },
  AccessError: { faultCode: 4, httpStatus: 403, name: 'odoo.exceptions.AccessError' },
  ValueError: { faultCode: 1, httpStatus: 500, name: 'builtins.ValueError' },
  AttributeError: { faultCode: 1, httpStatus: 404, name: 'werkzeug.exceptions.NotFound' },
  UnknownModel: { faultCode: 2, httpStatus: 404, name: 'werkzeug.exceptions.NotFound' },
  TypeError: { faultCode: 1, httpStatus: 422, name: 'werkzeug.exceptions.UnprocessableEntity' },
  OperationalError: { faultCode: 1, httpStatus: 500, name: 'psycopg2.OperationalError' },
  SerializationFailure: { faultCode: 1, httpStatus: 500, name: 'psycopg2.errors.SerializationFailure' },
} as const;

export type PythonException = keyof typeof appearances;

/** An exception that rolls the transaction back, unless it is raised after the commit (the None fault). */
export class PythonFault extends Error {
  readonly exception: PythonException;

  constructor(exception: PythonException, message: string) {
    super(message);
    this.exception = exception;
  }

  get faultCode(): number {
    return appearances[this.exception].faultCode;
  }

  get httpStatus(): number {
    return appearances[this.exception].httpStatus;
  }

  /** Body of a JSON-2 error. */
  get json(): object {
    const name = appearances[this.exception].name;
    return { name, message: this.message, arguments: [this.message], context: {}, debug: this.#traceback(name) };
  }

  /** `faultString`: the bare text for what Odoo foresees, a whole traceback for everything else. */
  get faultString(): string {
    if (this.faultCode !== 1) return this.message;
    return this.#traceback(appearances[this.exception].name.replace(/^(builtins|werkzeug\.exceptions)\./, ''));
  }

  #traceback(name: string): string {
    const shown =
      this.exception === 'AttributeError' ? 'AttributeError' : this.exception === 'TypeError' ? 'TypeError' : name;
    return [
      'Traceback (most recent call last):',
      '  File "/usr/lib/python3/dist-packages/odoo/addons/base/controllers/rpc.py", line 148, in xmlrpc_2',
      '    response = self._xmlrpc(service)',
      '  File "/usr/lib/python3/dist-packages/odoo/http.py", line 361, in dispatch_rpc',
      '    return dispatch(method, params)',
      `${shown}: ${this.message}`,
      '',
    ].join('\n');
  }
}

export const userError = (message: string) => new PythonFault('UserError', message);

export function missingRecord(model: string, id: number): PythonFault {
  const message = `Record does not exist or has been deleted.\n(Record: ${model}(${id},), User: 2)`;
  return new PythonFault('MissingError', message);
}

/** Raised by the XML-RPC layer after the transaction was committed (facts: 16 to 19). */
export const cannotMarshalNone = () => new PythonFault('TypeError', 'cannot marshal None unless allow_none is enabled');
