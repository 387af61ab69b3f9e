#include "store/documents.hpp"

#include "store/sqlite_catalogue.hpp"
#include "support/catalogue_caller.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace holdfast::store;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

struct WithDocuments {
    std::unique_ptr<SqliteCatalogue> catalogue = *SqliteCatalogue::open(":memory:", {});
    test_support::CatalogueCaller devices{*catalogue};
    test_support::ManualExecutor executor;
    Documents& documents = catalogue->documents();

    template <class Found>
    struct Answer {
        std::error_code error;
        Found found{};
    };

    template <class Found, class Begin>
    Answer<Found> ask(Begin begin) {
        std::optional<Answer<Found>> answer;
        begin([&](std::error_code error, Found found) {
            answer = Answer<Found>{error, std::move(found)};
        });
        executor.run_until([&] { return answer.has_value(); });
        return std::move(*answer);
    }
    template <class Begin>
    std::error_code change(Begin begin) {
        std::optional<std::error_code> answer;
        begin([&](std::error_code error) { answer = error; });
        executor.run_until([&] { return answer.has_value(); });
        return *answer;
    }

    Answer<DocumentPtr> add(Document document, std::size_t count_max = 100) {
        return ask<DocumentPtr>(
            [&](auto done) { documents.add(std::move(document), count_max, executor, done); });
    }
    Answer<DocumentPtr> put(Document document) {
        return ask<DocumentPtr>([&](auto done) { documents.put(document, executor, done); });
    }
    Answer<DocumentPtr> find(DocumentKind kind, std::string id) {
        return ask<DocumentPtr>([&](auto done) { documents.find(kind, id, executor, done); });
    }
    std::error_code remove(DocumentKind kind, std::string id) {
        return change([&](auto done) { documents.remove(kind, id, executor, done); });
    }
    Answer<CataloguePage<DocumentPtr>> list(DocumentQuery query) {
        return ask<CataloguePage<DocumentPtr>>(
            [&](auto done) { documents.list(std::move(query), executor, done); });
    }
    std::error_code put_links(std::vector<Link> links) {
        return change([&](auto done) { documents.put_links(std::move(links), executor, done); });
    }
    std::string targets(LinkQuery query) {
        const auto page = ask<CataloguePage<Link>>(
            [&](auto done) { documents.list_links(std::move(query), executor, done); });
        BOOST_TEST(!page.error);
        std::string text = std::to_string(page.found.count) + ":";
        for (const Link& link : page.found.records) text += " " + link.target + "=" + link.value;
        return text;
    }
};

Document rule_of(std::string name, std::string parent = "app") {
    Document document;
    document.kind = DocumentKind::push_rule;
    document.parent = std::move(parent);
    document.name = std::move(name);
    document.body = R"({"active":true})";
    document.created_at = CatalogueTime{1'000s};
    return document;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sqlite_documents, WithDocuments)

BOOST_AUTO_TEST_CASE(a_document_is_found_as_it_was_added) {
    Document rule = rule_of("alarms");
    rule.secret = "s3cret";
    const auto added = add(rule);
    BOOST_TEST_REQUIRE(!added.error);
    const auto found = find(DocumentKind::push_rule, added.found->id);
    BOOST_TEST_REQUIRE(!found.error);
    BOOST_TEST(found.found->name == "alarms");
    BOOST_TEST(found.found->parent == "app");
    BOOST_TEST(found.found->body == R"({"active":true})");
    BOOST_TEST(found.found->secret == "s3cret");
    BOOST_TEST((found.found->created_at == CatalogueTime{1'000s}));
    const auto of_other_kind = find(DocumentKind::app, added.found->id);
    BOOST_TEST(of_other_kind.error == CatalogueError::not_found);
}

BOOST_AUTO_TEST_CASE(ids_that_are_given_have_24_digits_and_grow) {
    const auto first = add(rule_of("a"));
    Document later = rule_of("b");
    later.created_at += 1s;
    const auto second = add(later);
    BOOST_TEST(first.found->id.size() == 24U);
    BOOST_TEST(first.found->id < second.found->id);
}

BOOST_AUTO_TEST_CASE(the_same_id_twice_and_one_too_many_are_refused) {
    Document key = rule_of("k");
    key.id = "AK1";
    BOOST_TEST(!add(key).error);
    BOOST_TEST(add(key).error == CatalogueError::already_exists);
    BOOST_TEST(add(rule_of("second"), 1).error == CatalogueError::limit_reached);
    Document other = rule_of("of another kind");
    other.kind = DocumentKind::app;
    BOOST_TEST(!add(other, 1).error);
    BOOST_TEST(!remove(DocumentKind::push_rule, "AK1"));
    BOOST_TEST(!add(rule_of("second"), 1).error);
}

BOOST_AUTO_TEST_CASE(put_adds_and_replaces) {
    Document shadow = rule_of("");
    shadow.kind = DocumentKind::device_shadow;
    shadow.id = "pump-7";
    BOOST_TEST(!put(shadow).error);
    shadow.body = "{}";
    BOOST_TEST(!put(shadow).error);
    BOOST_TEST(find(DocumentKind::device_shadow, "pump-7").found->body == "{}");
    BOOST_TEST(list({.kind = DocumentKind::device_shadow}).found.count == 1U);
}

BOOST_AUTO_TEST_CASE(a_change_sees_what_is_there_and_may_refuse) {
    const std::string id = add(rule_of("a")).found->id;
    const auto changed = ask<DocumentPtr>([&](auto done) {
        documents.change(
            DocumentKind::push_rule, id,
            [](Document& document) {
                document.body += " ";
                document.id = "ignored";
                return std::error_code{};
            },
            executor, done);
    });
    BOOST_TEST(changed.found->body == R"({"active":true} )");
    BOOST_TEST(changed.found->id == id);
    const auto refused = ask<DocumentPtr>([&](auto done) {
        documents.change(
            DocumentKind::push_rule, id,
            [](Document& document) {
                document.body = "lost";
                return make_error_code(CatalogueError::still_in_use);
            },
            executor, done);
    });
    BOOST_TEST(refused.error == CatalogueError::still_in_use);
    BOOST_TEST(find(DocumentKind::push_rule, id).found->body == R"({"active":true} )");
    BOOST_TEST(remove(DocumentKind::push_rule, "nobody") == CatalogueError::not_found);
}

BOOST_AUTO_TEST_CASE(lists_are_filtered_and_paged_newest_first) {
    std::vector<std::string> ids;
    for (const char* name : {"a", "b", "c", "d"}) ids.push_back(add(rule_of(name)).found->id);
    add(rule_of("e", "other"));
    DocumentQuery query{.kind = DocumentKind::push_rule, .parent = "app", .paging = {.limit = 2}};
    const auto first = list(query).found;
    BOOST_TEST(first.count == 4U);
    BOOST_TEST_REQUIRE(first.records.size() == 2U);
    BOOST_TEST(first.records[0]->name == "d");
    query.paging.marker = first.marker;
    const auto second = list(query).found;
    BOOST_TEST_REQUIRE(second.records.size() == 2U);
    BOOST_TEST(second.records[1]->name == "a");
    query.paging.marker = ids[2];  // an id is a marker, too
    BOOST_TEST(list(query).found.records.front()->name == "b");
    query.paging.marker = std::string(24, 'f');
    BOOST_TEST(list(query).found.records.front()->name == "d");
    query.paging.marker = "no marker";
    BOOST_TEST((list(query).error == std::errc::invalid_argument));
    BOOST_TEST(list({.kind = DocumentKind::push_rule, .name = "e"}).found.count == 1U);
}

BOOST_AUTO_TEST_CASE(documents_are_found_by_the_start_of_their_name_and_by_time) {
    for (const char* name : {"live/a", "ended/a", "live/b", "live0"}) add(rule_of(name));
    Document old = rule_of("ended/b", "other");
    old.created_at = CatalogueTime{10s};
    add(old);
    const auto count = [&](DocumentQuery query) {
        query.kind = DocumentKind::push_rule;
        return list(query).found.count;
    };
    BOOST_TEST(count({.name_prefix = "live/"}) == 2U);
    BOOST_TEST(count({.parent = "app", .name_prefix = "ended/"}) == 1U);
    BOOST_TEST(count({.created_until = CatalogueTime{10s}}) == 1U);
    BOOST_TEST(count({.created_until = CatalogueTime{9'999ms}}) == 0U);
    BOOST_TEST(count({.created_from = CatalogueTime{1'000s}}) == 4U);
    BOOST_TEST(count({.name_prefix = "ended/", .created_until = CatalogueTime{1'000s}}) == 2U);
}

BOOST_AUTO_TEST_CASE(what_a_list_would_give_is_removed_and_nothing_else) {
    for (const char* name : {"a", "b", "c", "d"}) add(rule_of(name));
    add(rule_of("e", "other"));
    const auto remove_listed = [&](DocumentQuery query) {
        return ask<std::size_t>(
            [&](auto done) { documents.remove_listed(std::move(query), executor, done); });
    };
    DocumentQuery query{.kind = DocumentKind::push_rule, .parent = "app"};
    query.paging.offset = 1;
    query.paging.limit = 2;
    BOOST_TEST(remove_listed(query).found == 2U);
    const auto left = list({.kind = DocumentKind::push_rule}).found;
    BOOST_TEST(left.count == 3U);
    BOOST_TEST(left.records.at(1)->name == "d");
    BOOST_TEST(left.records.at(2)->name == "a");
    BOOST_TEST(remove_listed(query).found == 1U);
    BOOST_TEST(!add(rule_of("f"), 3).error);  // there is room again
    query.paging.marker = "no marker";
    BOOST_TEST((remove_listed(query).error == std::errc::invalid_argument));
}

/// Whoever ends the catalogue has not waited for what was begun: it is carried out, with all it needs.
BOOST_AUTO_TEST_CASE(what_was_begun_is_finished_before_the_catalogue_is_gone) {
    std::size_t answers = 0;
    for (int i = 0; i < 100; ++i) {
        Document rule = rule_of("late");
        rule.secret = "s3cret";
        documents.add(rule, 1'000, executor, [&](std::error_code error, const DocumentPtr& added) {
            if (!error && added->secret == "s3cret") ++answers;
        });
    }
    catalogue.reset();
    executor.run_until([&] { return answers == 100; });
    BOOST_TEST(answers == 100U);
}

BOOST_AUTO_TEST_CASE(a_list_has_secrets_only_when_they_are_asked_for) {
    Document key = rule_of("k");
    key.secret = "s3cret";
    add(key);
    BOOST_TEST(list({.kind = DocumentKind::push_rule}).found.records[0]->secret.empty());
    BOOST_TEST(
        list({.kind = DocumentKind::push_rule, .with_secrets = true}).found.records[0]->secret ==
        "s3cret");
}

BOOST_AUTO_TEST_CASE(several_documents_are_found_in_one_question_in_the_order_of_it) {
    for (const char* id : {"1", "2", "3"}) {
        BOOST_TEST(!put({.kind = DocumentKind::device_report, .id = id, .body = id}).error);
    }
    const auto found = ask<std::vector<DocumentPtr>>([&](auto done) {
        documents.find_all(DocumentKind::device_report, {"3", "9", "1", "3"}, executor, done);
    });
    BOOST_TEST(!found.error);
    std::string bodies;
    for (const DocumentPtr& each : found.found) bodies += each ? each->body : "-";
    BOOST_TEST(bodies == "3-13");
    const auto none = ask<std::vector<DocumentPtr>>([&](auto done) {
        documents.find_all(DocumentKind::device_report, {}, executor, done);
    });
    BOOST_TEST(none.found.empty());
}

BOOST_AUTO_TEST_CASE(links_of_several_sources_are_found_source_by_source) {
    BOOST_TEST(!put_links({{LinkKind::device_tag, "d1", "colour", "red"},
                           {LinkKind::device_tag, "d2", "colour", "blue"},
                           {LinkKind::device_tag, "d1", "floor", "2"},
                           {LinkKind::group_device, "d1", "d3", {}}}));
    const auto found = ask<std::vector<Link>>([&](auto done) {
        documents.find_links(LinkKind::device_tag, {"d2", "d3", "d1"}, executor, done);
    });
    std::string text;
    for (const Link& link : found.found) text += link.source + "." + link.target + "=" + link.value + " ";
    BOOST_TEST(text == "d2.colour=blue d1.floor=2 d1.colour=red ");
}

BOOST_AUTO_TEST_CASE(links_are_found_from_both_ends_and_by_value) {
    BOOST_TEST(!put_links({{LinkKind::device_tag, "d1", "colour", "red"},
                           {LinkKind::device_tag, "d1", "floor", "2"},
                           {LinkKind::device_tag, "d2", "colour", "blue"}}));
    BOOST_TEST(!put_links({{LinkKind::device_tag, "d1", "floor", "3"}}));
    BOOST_TEST(targets({.kind = LinkKind::device_tag, .source = "d1"}) == "2: floor=3 colour=red");
    BOOST_TEST(targets({.kind = LinkKind::device_tag, .target = "colour", .value = "blue"}) ==
               "1: colour=blue");
    BOOST_TEST(targets({.kind = LinkKind::device_tag, .value_prefix = "re"}) == "1: colour=red");
    BOOST_TEST(targets({.kind = LinkKind::group_device}) == "0:");
    BOOST_TEST(!change([&](auto done) {
        documents.remove_links({{LinkKind::device_tag, "d1", "colour", {}}}, executor, done);
    }));
    BOOST_TEST(targets({.kind = LinkKind::device_tag, .source = "d1"}) == "1: floor=3");
}

BOOST_AUTO_TEST_CASE(links_are_found_by_what_else_their_source_has_and_by_starts) {
    BOOST_TEST(!put_links({{LinkKind::device_tag, "d1", "colour", "red"},
                           {LinkKind::device_tag, "d1", "floor", "2"},
                           {LinkKind::device_tag, "d2", "colour", "red"},
                           {LinkKind::device_tag, "d3", "colours", "r"}}));
    const auto count_with = [&](std::vector<SiblingLink> siblings) {
        return targets({.kind = LinkKind::device_tag, .target = "colour", .siblings = siblings})
            .substr(0, 1);
    };
    BOOST_TEST(count_with({}) == "2");
    BOOST_TEST(count_with({{"floor", {}}}) == "1");
    BOOST_TEST(count_with({{"floor", "2"}}) == "1");
    BOOST_TEST(count_with({{"floor", "2"}, {"colour", "red"}}) == "1");
    BOOST_TEST(count_with({{"floor", "3"}}) == "0");
    BOOST_TEST(count_with(std::vector<SiblingLink>(16, {"floor", "2"})) == "1");
    BOOST_TEST(targets({.kind = LinkKind::device_tag, .target_prefix = "col", .value_prefix = "r"})
                   .substr(0, 1) == "3");
    BOOST_TEST(targets({.kind = LinkKind::device_tag, .source = "d1", .value_prefix = "r"}) ==
               "1: colour=red");
    BOOST_TEST(targets({.kind = LinkKind::device_tag, .value_prefix = "s"}) == "0:");
}

BOOST_AUTO_TEST_CASE(documents_are_found_by_the_start_of_their_body) {
    Document rule = rule_of("a");
    rule.body = R"({"status":"on","n":1})";
    add(rule);
    rule.id = "b";
    rule.body = R"({"status":"off"})";
    add(rule);
    BOOST_TEST(
        list({.kind = DocumentKind::push_rule, .body_prefix = R"({"status":"on")"}).found.count ==
        1U);
    BOOST_TEST(
        list({.kind = DocumentKind::push_rule, .body_prefix = R"({"status":"o)"}).found.count ==
        2U);
}

BOOST_AUTO_TEST_CASE(links_go_with_their_document_and_with_their_device) {
    Document group = rule_of("g");
    group.kind = DocumentKind::device_group;
    const std::string id = add(group).found->id;
    Product product;
    product.product_id = "p";
    BOOST_TEST(!devices.add_product(product).error);
    Device device;
    device.device_id = "d1";
    device.product_id = "p";
    BOOST_TEST(!devices.add_device(device).error);
    BOOST_TEST(!put_links({{LinkKind::group_device, id, "d1", {}},
                           {LinkKind::group_device, id, "d2", {}},
                           {LinkKind::device_tag, "d1", "colour", "red"}}));
    BOOST_TEST(!devices.remove_device("d1"));
    BOOST_TEST(targets({.kind = LinkKind::group_device, .source = id}) == "1: d2=");
    BOOST_TEST(targets({.kind = LinkKind::device_tag, .source = "d1"}) == "0:");
    BOOST_TEST(!remove(DocumentKind::device_group, id));
    BOOST_TEST(targets({.kind = LinkKind::group_device}) == "0:");
}

BOOST_AUTO_TEST_SUITE_END()
