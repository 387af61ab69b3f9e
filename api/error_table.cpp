#include "api/error_table.hpp"

#include <array>

namespace holdfast::api {

namespace {

constexpr std::array rows{
    ErrorRow{"APIGW.0301", "401", "the signature is not right; the message says why",
             "sign exactly what is sent, with the right secret key and a clock that is right to 15 "
             "minutes"},
    ErrorRow{"APIGW.0308", "429", "more at once than is taken in: posts, or commands that wait",
             "wait as long as Retry-After says"},
    ErrorRow{"HOLDFAST.000405", "405", "the path has no such method",
             "use one of the header Allow"},
    ErrorRow{"HOLDFAST.000408", "408", "the request did not arrive in time",
             "send it without pauses"},
    ErrorRow{"HOLDFAST.000409", "409", "no events are kept",
             "make a rule active, or write keep_all = true below [events] in the configuration"},
    ErrorRow{"HOLDFAST.000410", "410", "the events behind that cursor are gone",
             "go on from `oldest` of the answer"},
    ErrorRow{"HOLDFAST.000413", "413", "the body is too long", "send less at once"},
    ErrorRow{"HOLDFAST.000414", "414", "the target is longer than 8,192 bytes",
             "shorten the query"},
    ErrorRow{"HOLDFAST.000417", "417", "an Expect that is not 100-continue", "leave it out"},
    ErrorRow{"HOLDFAST.000431", "431", "the header is too long", "send fewer or shorter fields"},
    ErrorRow{"HOLDFAST.000500", "-", "a message of a batch task failed without a word",
             "look into its trace"},
    ErrorRow{"HOLDFAST.000501", "501", "a method or Transfer-Encoding that nobody knows",
             "use common ones"},
    ErrorRow{"HOLDFAST.000503", "503",
             "the server cannot now: it fails to keep something, ends, or has too many connections "
             "or bodies",
             "repeat it after Retry-After; nothing was kept"},
    ErrorRow{"HOLDFAST.000505", "505", "neither HTTP/1.0 nor HTTP/1.1", "use HTTP/1.1"},
    ErrorRow{"HOLDFAST.000507", "507", "the disk is full", "make room; nothing was kept"},
    ErrorRow{"IOTDA.000001", "500", "a mistake of the server's",
             "look for the request id in its log, and report it"},
    ErrorRow{"IOTDA.000002", "401", "no token, key or signature, or not a valid one",
             "log in again, or use a key that is enabled"},
    ErrorRow{"IOTDA.000004", "403", "the project of the path is not the one of the token or key",
             "take the project_id of the log-in's answer"},
    ErrorRow{"IOTDA.000006", "400",
             "a field or parameter breaks its rule; the message names field, rule and value",
             "change that field"},
    ErrorRow{"IOTDA.000008", "400, 415",
             "the body is not JSON, or of another media type, or packed",
             "send JSON, with Content-Type: application/json"},
    ErrorRow{"IOTDA.000009", "400", "a time is written otherwise", "write it as 20151212T121212Z"},
    ErrorRow{"IOTDA.000010", "400", "start_time is behind end_time", "exchange them"},
    ErrorRow{"IOTDA.000017", "400", "limit is out of its range", "the message has the range"},
    ErrorRow{"IOTDA.000022", "403", "the key lacks the permission that the message names",
             "use a key that has it"},
    ErrorRow{"IOTDA.000029", "404", "there is nothing at this path",
             "compare it with /openapi.json"},
    ErrorRow{"IOTDA.000190", "404", "there is no such key", "list the keys"},
    ErrorRow{"IOTDA.000191", "403", "there are as many keys as are allowed", "delete some"},
    ErrorRow{"IOTDA.001000", "403", "there is no such resource space",
             "leave app_id out for the default one, or make the space"},
    ErrorRow{"IOTDA.001090", "403", "there are 10 resource spaces", "delete one"},
    ErrorRow{"IOTDA.001091", "403", "the space has products or devices", "delete those first"},
    ErrorRow{"IOTDA.001092", "403", "it is the default space", "keep it"},
    ErrorRow{"IOTDA.013190", "404", "there is no such product", "make it first"},
    ErrorRow{"IOTDA.013191", "400", "the product exists already", "take another product_id"},
    ErrorRow{"IOTDA.013192", "403", "the product still has devices", "delete those first"},
    ErrorRow{"IOTDA.013193", "403", "there are as many products as are allowed", "delete some"},
    ErrorRow{"IOTDA.014000", "404", "there is no such device", "register it first"},
    ErrorRow{"IOTDA.014016", "403, -", "the device is not online, or went away before it answered",
             "ask again when it is there; post a message with a ttl to have it wait"},
    ErrorRow{"IOTDA.014031", "400", "the device exists already",
             "take another device_id, or update it"},
    ErrorRow{"IOTDA.014038", "403", "a sub-device cannot be frozen", "freeze its gateway"},
    ErrorRow{"IOTDA.014039", "403", "the device is frozen already", "nothing to do"},
    ErrorRow{"IOTDA.014040", "403", "the device is not frozen", "nothing to do"},
    ErrorRow{"IOTDA.014111", "403, -",
             "the device did not answer in time; it may have done what it was asked",
             "look whether it did before it is asked again"},
    ErrorRow{"IOTDA.014112", "-", "the device has not subscribed to the topic",
             "have it subscribe; with a ttl the message waits for that"},
    ErrorRow{"IOTDA.014170", "502, -", "the device's answer is no JSON object", "mend the device"},
    ErrorRow{"IOTDA.014171", "503, -",
             "the device is online and does not take what was sent before",
             "repeat it after Retry-After; nothing was sent"},
    ErrorRow{"IOTDA.014172", "403, -", "the request is larger than the device accepts",
             "send less; nothing was sent"},
    ErrorRow{"IOTDA.014173", "409", "the shadow has another version",
             "read it, and try again with its version"},
    ErrorRow{"IOTDA.014174", "403", "the shadow would become too large",
             "delete what is not needed"},
    ErrorRow{"IOTDA.014175", "403", "20 commands wait for the device",
             "ask again when some have gone out or expired"},
    ErrorRow{"IOTDA.014176", "404", "the device has no such asynchronous command",
             "list the commands and the history"},
    ErrorRow{"IOTDA.014177", "403", "there are as many asynchronous commands as are kept",
             "keep fewer: [delivery] finished_commands_max and finished_commands_age_max"},
    ErrorRow{"IOTDA.014178", "-", "the device has answered with a result_code that is not 0",
             "its answer says why"},
    ErrorRow{"IOTDA.014179", "-", "the server ended before it was known what became of the command",
             "look whether the device has done it before it is asked again"},
    ErrorRow{"IOTDA.014180", "403", "the device is the gateway of others", "delete those first"},
    ErrorRow{"IOTDA.014181", "403",
             "there are as many devices as are allowed, in all or behind the gateway",
             "delete some, or take another gateway"},
    ErrorRow{
        "IOTDA.014182", "403",
        "a secret to reset of a device with a certificate, or a fingerprint of one with a secret",
        "reset what it has"},
    ErrorRow{"IOTDA.014183", "403", "the device would have more than 10 tags", "unbind some"},
    ErrorRow{"IOTDA.014190", "400",
             "the message_id is taken by a message with other content, or by a broadcast that "
             "still waits",
             "take another, or leave it out"},
    ErrorRow{"IOTDA.014191", "403", "the device's queue is full; `queue` has its depth and age",
             "wait until the device has taken some, or delete messages"},
    ErrorRow{"IOTDA.014192", "400", "topic is none that the product's devices may subscribe to",
             "add it to the product's topics"},
    ErrorRow{"IOTDA.014193", "404", "the device has no such message",
             "it never had, or it was finished long ago or deleted"},
    ErrorRow{"IOTDA.014194", "400", "a broadcast with a ttl has more than 10 subscribers",
             "leave the ttl out, or use a batch task"},
    ErrorRow{"IOTDA.014195", "-",
             "the device refused the message, whose reason_code says why, or the command",
             "look into the device"},
    ErrorRow{"IOTDA.014196", "-", "the message is larger than the device accepts", "send less"},
    ErrorRow{"IOTDA.014197", "-", "a newer message took its place in the full queue",
             "have the device come more often, or write full_device_queue = \"reject\""},
    ErrorRow{"IOTDA.014198", "-", "the message was deleted", "nothing to do"},
    ErrorRow{"IOTDA.014199", "-", "the device was deleted", "nothing to do"},
    ErrorRow{"IOTDA.015101", "404", "there is no such rule or action", "list them"},
    ErrorRow{"IOTDA.015102", "403", "there are as many rules or actions as are allowed",
             "delete some"},
    ErrorRow{"IOTDA.015181", "404", "there is no such certificate",
             "list the certificates, or upload the one that is meant"},
    ErrorRow{"IOTDA.015182", "403", "there are as many certificates as are allowed", "delete some"},
    ErrorRow{"IOTDA.015183", "403", "an action uses the certificate",
             "delete the action, or give it another cert_id"},
    ErrorRow{"IOTDA.015184", "404", "there is no such policy of the status push",
             "list the policies"},
    ErrorRow{"IOTDA.015185", "403", "there are as many policies as are allowed", "delete some"},
    ErrorRow{"IOTDA.015186", "403", "there is a policy for the same already", "change that one"},
    ErrorRow{"IOTDA.015187", "404", "there is no such subscription", "list the subscriptions"},
    ErrorRow{"IOTDA.015190", "404", "there is no such device group", "list the groups"},
    ErrorRow{"IOTDA.015191", "403", "there are as many groups as are allowed", "delete some"},
    ErrorRow{"IOTDA.015192", "403", "other groups stand in it", "delete those first"},
    ErrorRow{"IOTDA.015193", "403", "the group is full", "use another group"},
    ErrorRow{"IOTDA.015194", "403", "the device is in 10 groups", "take it out of one"},
    ErrorRow{"IOTDA.015195", "403", "the device is of another resource space than the group",
             "use a group of its space"},
    ErrorRow{"IOTDA.015290", "404", "there is no such device policy", "list the policies"},
    ErrorRow{"IOTDA.015291", "403", "there are as many policies as are allowed", "delete some"},
    ErrorRow{"IOTDA.015390", "404", "there is no such batch task", "list the tasks"},
    ErrorRow{"IOTDA.015391", "403", "there are as many batch tasks as are allowed",
             "delete some that are over"},
    ErrorRow{"IOTDA.015392", "403", "10 batch tasks are not over", "wait for one, or stop it"},
    ErrorRow{"IOTDA.015393", "403", "the batch task is not over", "stop it, or wait"},
    ErrorRow{"IOTDA.015394", "403", "no batch task waits for a confirmation", "leave it out"},
    ErrorRow{"IOTDA.015395", "404", "there is no such file of a batch task", "list the files"},
    ErrorRow{"IOTDA.015396", "403", "there are as many files as are allowed", "delete some"},
    ErrorRow{"IOTDA.015397", "403", "the batch task is over", "retry it instead"},
};

}  // namespace

std::span<const ErrorRow> error_table() { return rows; }

std::string error_page() {
    std::string page =
        "# Errors of the HTTP interface\n\n"
        "Made of `api/error_table.cpp`, and compared with it by a test. An answer that is an error "
        "is "
        "`{\"error_code\", \"error_msg\"}`; the message\nnames what is wrong, "
        "`X-Request-Id` the request. Below `/v3` errors have Keystone's shape and no code. A "
        "status "
        "`-` is none: the code stands in the\n`error_info` of a message, or in the result of a "
        "batch "
        "task. Codes IOTDA are those of the platform's contract where it has one; the others are "
        "ours.\n\n| code | status | because | what to do |\n|---|---|---|---|\n";
    for (const ErrorRow& row : rows) {
        page.append("| ").append(row.code).append(" | ").append(row.statuses).append(" | ");
        page.append(row.cause).append(" | ").append(row.cure).append(" |\n");
    }
    return page;
}

}  // namespace holdfast::api
