export { type ForgetContent, withoutPerson } from "./forget-content.ts";
export { comparableEmail, type ForgottenCustomer, type Person } from "./person.ts";
export { type Forgotten, PersonEditor } from "./person-editor.ts";
export { maskAddresses, maskAll, PersonText } from "./person-text.ts";
export { forgetRejection } from "./rejection.ts";
export { emailHash, forgetSilverRow } from "./silver-row.ts";
