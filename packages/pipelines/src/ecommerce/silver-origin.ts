import { type ObjectMetadata, productVersion } from "@ingot/common";

/** Which bronze object a silver object was made of, when, and by which version of Ingot. */
export interface SilverOrigin {
  bronzeKey: string | undefined;
  /** Of the bronze object that was read. */
  bronzeEtag: string | undefined;
  /** UTC, ISO 8601. */
  cleanedAt: string | undefined;
  codeVersion: string | undefined;
}

/** The origin as metadata of the silver object, beside its counts (contract: e-commerce, section 3). */
export function originToMetadata(bronze: { key: string; etag: string; cleanedAt: Date }): ObjectMetadata {
  return {
    source_key: bronze.key,
    source_etag: bronze.etag,
    cleaned_at: bronze.cleanedAt.toISOString(),
    code_version: productVersion(),
  };
}

/** The inverse of `originToMetadata`; what an older version did not write down is `undefined`. */
export function originFromMetadata(metadata: ObjectMetadata): SilverOrigin {
  return {
    bronzeKey: metadata.source_key,
    bronzeEtag: metadata.source_etag,
    cleanedAt: metadata.cleaned_at,
    codeVersion: metadata.code_version,
  };
}
