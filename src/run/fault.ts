/**
 * One error in a document that a person wrote: the path of the field, such as `request.catalog.inline`, and what to
 * change.
 */
export interface Fault {
  path: string;
  message: string;
}
