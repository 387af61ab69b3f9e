#pragma once
// Stored documents: what the catalogue keeps of one kind, read whole, for parts that have it in memory. Runs
// before the server's threads, and waits for the catalogue (waiting_executor.hpp).
// Errors: the catalogue's. Threads: the one of the start.

#include "base/error.hpp"
#include "store/documents.hpp"

#include <functional>
#include <vector>

namespace holdfast::api {

/// Newest first.
[[nodiscard]] Result<std::vector<store::DocumentPtr>> read_all(store::Documents& documents,
                                                               store::DocumentKind kind,
                                                               bool with_secrets = false);
/// Latest first.
[[nodiscard]] Result<std::vector<store::Link>> read_all(store::Documents& documents,
                                                        store::LinkKind kind);
/// Calls `act` with each that the query is about, newest first, a page at a time.
[[nodiscard]] Result<void> visit_all(store::Documents& documents, store::DocumentQuery query,
                                     const std::function<void(const store::DocumentPtr&)>& act);
/// Documents::put, done when it returns.
[[nodiscard]] Result<store::DocumentPtr> put_now(store::Documents& documents,
                                                 store::Document document);

}  // namespace holdfast::api
