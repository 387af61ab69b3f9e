#pragma once
// Keys of applications as documents of the catalogue. The body is
//
//   {"permissions": [...], "enabled": true, "expires_at": ms, "last_used_at": ms, "digest": "..."}
//
// with the digest of API keys only, and milliseconds since 1970 where they are known. The SK of an access key
// is the document's secret, which is encrypted at rest. Pure functions. Threads: any.

#include "api/app_key.hpp"
#include "store/documents.hpp"

#include <optional>

namespace holdfast::api {

struct KeyRecord {
    AppKeyFacts facts;
    std::optional<WallTime> last_used;
};

[[nodiscard]] store::DocumentKind document_kind_of(KeyKind kind);
[[nodiscard]] store::Document to_document(const KeyRecord& record);
/// Empty: it is no key, or was changed by somebody else.
[[nodiscard]] std::optional<KeyRecord> read_key(const store::Document& document);

}  // namespace holdfast::api
