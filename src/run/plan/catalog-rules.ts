/**
 * Proctor's rules for the texts of a catalog, for its checks and for the JSON Schema. AICR does not have these rules.
 */
import type { TextRuleName } from '../../aicr/catalog/catalog-fields.ts';
import { isQuantity } from '../../aicr/go/quantity.ts';
import { DNS_LABEL, isDnsLabel, MAX_DNS_LABEL, MAX_VALIDATOR_NAME } from '../../aicr/job/names.ts';

export interface TextRule {
  accepts: (text: string) => boolean;
  /** The same rule in JSON Schema's keywords. */
  schema: { pattern?: string; minLength?: number; maxLength?: number };
  /** The fault of a text that is not accepted. The text precedes it. */
  refusal: string;
  /** The fault of an empty text, if it differs. */
  missing?: string;
  /** Set if a number is accepted without quotes. */
  unquoted?: true;
}

const IMAGE = /^\S+$/;
const VARIABLE = /^[^=\0]+$/;

export const TEXT_RULES: Readonly<Record<TextRuleName, TextRule>> = {
  'validator name': {
    accepts: (text) => isDnsLabel(text) && text.length <= MAX_VALIDATOR_NAME,
    schema: { pattern: DNS_LABEL.source, maxLength: MAX_VALIDATOR_NAME },
    refusal:
      'is not a name for a Job: lower-case letters, digits and hyphens, beginning and ending with a letter or digit, ' +
      `at most ${MAX_VALIDATOR_NAME} characters`,
    missing: 'a name is required',
  },
  image: {
    accepts: (text) => IMAGE.test(text),
    schema: { pattern: IMAGE.source },
    refusal: 'is not an image reference',
    missing: 'an image is required',
  },
  quantity: {
    accepts: (text) => isQuantity(text) && !text.startsWith('-'),
    schema: { pattern: '^\\+?([0-9]+\\.?[0-9]*|\\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]+)?$' },
    refusal: 'is not a quantity such as 500m or 2Gi',
    missing: 'cpu and memory are both required',
    unquoted: true,
  },
  'variable name': {
    accepts: (text) => VARIABLE.test(text),
    schema: { pattern: VARIABLE.source },
    refusal: 'is not the name of a variable',
  },
  component: {
    accepts: (text) => text !== '',
    schema: { minLength: 1 },
    refusal: 'is not the name of a component',
    missing: 'the name of a component is required',
  },
  'resource class': {
    accepts: isDnsLabel,
    schema: { pattern: DNS_LABEL.source, maxLength: MAX_DNS_LABEL },
    refusal: 'is not the name of a resource class: lower-case letters, digits and hyphens',
  },
};
