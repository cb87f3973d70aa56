/** The forwarded variable whose value is a secret. */
export const SECRET_NAME = 'HF_TOKEN';

/** Whether the field holds the secret in clear text: as a field, or as the value of a variable. */
export function isClearTextSecret(owner: unknown, field: string, value: unknown): boolean {
  const isVariable = field === 'value' && (owner as { name?: unknown }).name === SECRET_NAME;
  return (field === SECRET_NAME || isVariable) && typeof value === 'string' && value !== '';
}
