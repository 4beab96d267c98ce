// What can be wrong with a row of a stop list, or with the whole list: a code for pages, an English sentence for everybody else.
import type { FileFault, RowFault } from './messages.ts';

/** Of what the file says, as much as fits into a sentence. */
const longestGiven = 40;

export function given(text: string): string {
  return text.length <= longestGiven ? text : `${text.slice(0, longestGiven - 1)}…`;
}

export function rowFaultText(fault: RowFault): string {
  const { field } = fault;
  switch (fault.code) {
    case 'length':
      return `${field}: must have ${fault.least} to ${fault.most} characters`;
    case 'no-instant':
      return `${field}: "${fault.given}" is no date and time`;
    case 'no-minutes':
      return `${field}: "${fault.given}" is no number of minutes`;
    case 'before-start':
      return `${field}: must be after start`;
    case 'too-long':
      return `${field}: more than ${fault.days} days after start`;
    case 'future':
      return `${field}: lies in the future`;
    case 'minutes-differ':
      return `${field}: ${fault.given} is not the time from start to end (${fault.span})`;
  }
}

/** A list of which no row can be read. */
export class UnreadableFile extends Error {
  readonly fault: FileFault;

  constructor(fault: FileFault) {
    super(fileFaultText(fault));
    this.fault = fault;
  }
}

function fileFaultText(fault: FileFault): string {
  switch (fault.code) {
    case 'empty':
      return 'The file is empty.';
    case 'encoding-lost':
      return 'The text has lost characters on its way. Send the bytes of the file as application/octet-stream.';
    case 'no-column':
      return `The file has no column ${fault.wanted}. Its columns are: ${fault.has}.`;
    case 'no-end':
      return `The file has neither a column ${fault.wanted}. Its columns are: ${fault.has}.`;
    case 'dates-contradict':
      return `The file writes dates in two orders: "${fault.one}" in line ${fault.one_line} and "${fault.other}" in line ${fault.other_line}.`;
    case 'decimals-contradict':
      return `The file writes decimals with two marks: "${fault.one}" in line ${fault.one_line} and "${fault.other}" in line ${fault.other_line}.`;
    case 'dates-given-otherwise':
      return `The dates of the file are ${fault.shown}, not ${fault.told}.`;
    case 'decimals-given-otherwise':
      return `The decimal mark of the file is a ${fault.shown}, not a ${fault.told}.`;
  }
}
