#pragma once
// The key that the secrets in a catalogue are encrypted with (docs/decisions/0010-secrets-at-rest.md): the
// file secrets.key beside it, of 32 random bytes, for its owner alone. A catalogue in memory has a key that
// nobody keeps. The catalogue has a value that tells the right key from others, in its settings.
// Errors: CatalogueOpenFailure; a catalogue with secrets is never opened without the key they need.
// Threads: those of the Database.

#include "base/secret_box.hpp"
#include "store/sqlite_schema.hpp"

#include <boost/system/result.hpp>

#include <memory>
#include <string>

namespace holdfast::store {

/// Where the key of that catalogue is.
[[nodiscard]] std::string secret_key_file(const std::string& catalogue_path);

/// For a database whose `version` has just been read, before anything is changed in it: reads the key and
/// finds it right, or makes it where nothing is encrypted yet. `path`: a file, or ":memory:".
[[nodiscard]] boost::system::result<std::unique_ptr<SecretBox>, CatalogueOpenFailure>
open_secret_box(Database& database, const std::string& path, std::int64_t version);

/// Leaves in the database by what the key is known again. Within the caller's transaction.
[[nodiscard]] std::error_code mark_secret_key(Database& database, const SecretBox& box);

}  // namespace holdfast::store
