/**
 * A scalar that YAML does not read as text, such as 1.10. AICR uses its text as written, and so do Proctor's checks.
 */
export class WrittenScalar {
  readonly text: string;
  readonly reads: 'a number' | 'a boolean' | 'no value';

  constructor(text: string, reads: WrittenScalar['reads']) {
    this.text = text;
    this.reads = reads;
  }

  /** Faults show values as JSON. This one is shown as it was written. */
  toJSON(): string {
    return this.text;
  }
}
