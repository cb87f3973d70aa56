/** A scalar that YAML does not read as text. AICR takes its text as it is written, so Proctor's checks look at that text too. */
export class WrittenScalar {
  readonly text: string;
  readonly reads: 'a number' | 'a boolean' | 'no value';

  constructor(text: string, reads: WrittenScalar['reads']) {
    this.text = text;
    this.reads = reads;
  }

  /** So that a value that holds scalars is shown as the person wrote it. */
  toJSON(): string {
    return this.text;
  }
}
