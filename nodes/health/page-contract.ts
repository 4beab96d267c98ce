// What the page Health asks of repair-estimate beyond HealthCommand: importing past stops in parts, each with its own report.

/** A part of a CSV file of past stops; the page cuts a long file into parts of whole rows and repeats the header in each. */
export interface StopImport {
  readonly command: 'import';
  /** Header and rows, at most 200 000 characters. */
  readonly csv: string;
  /** Column of the file for each field; absent: the shape of the original plant's export. */
  readonly mapping?: Readonly<Record<string, string>>;
  /** Number of the part's first row in the file, the header being row 1; counts in the report start there. Default 2. */
  readonly firstRow?: number;
  /** The same for a part that is sent again. */
  readonly commandId: string;
}

/** Answer to one part; a row that is already known is a duplicate and no fault. */
export interface StopImportReport {
  readonly rows: number;
  readonly imported: number;
  readonly duplicates: number;
  readonly refused: readonly {
    readonly row: number;
    readonly field: string | null;
    readonly message: string;
  }[];
}
