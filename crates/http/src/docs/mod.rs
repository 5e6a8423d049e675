//! The OpenAPI document as a page for people: plain HTML and one style sheet, no script.

mod curl;
mod html;
mod schema;

use serde_json::Value;

use self::html::{Html, anchor, slice, text};

/// The style sheet of the page.
pub(crate) const STYLE: &str = include_str!("style.css");

const METHODS: &[&str] = &["get", "post", "put", "patch", "delete", "options"];

/// One operation as the document has it.
struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    value: &'a Value,
}

/// Writes the page.
pub(crate) fn page(document: &Value) -> String {
    let mut html = Html::new();
    let title = text(&document["info"]["title"]);
    html.raw("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">");
    html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    html.element("title", &format!("{title} API"));
    html.raw("<link rel=\"stylesheet\" href=\"/docs/style.css\"></head><body>");
    menu(&mut html, document);
    html.raw("<main><header>");
    html.element("h1", &format!("{title} API"));
    html.raw("<p class=\"version\">Version ");
    html.text(text(&document["info"]["version"]));
    html.raw(" · <a href=\"/openapi.json\">openapi.json</a></p>");
    html.paragraphs(text(&document["info"]["description"]));
    html.raw("</header>");
    for tag in slice(&document["tags"]) {
        let name = text(&tag["name"]);
        html.open("section", &format!("tag-{name}"));
        html.element("h2", name);
        html.paragraphs(text(&tag["description"]));
        for operation in operations(document, name) {
            article(&mut html, &operation, document);
        }
        html.raw("</section>");
    }
    html.open("section", "schemas");
    html.element("h2", "Schemas");
    for (name, value) in fields(&document["components"]["schemas"]) {
        html.open("article", &anchor("schema", name));
        html.element("h3", name);
        html.paragraphs(text(&value["description"]));
        schema::table(&mut html, value);
        html.raw("</article>");
    }
    html.raw("</section></main></body></html>\n");
    html.finish()
}

fn operations<'a>(document: &'a Value, tag: &str) -> Vec<Operation<'a>> {
    let mut found = Vec::new();
    for (path, item) in fields(&document["paths"]) {
        for &method in METHODS {
            let value = &item[method];
            if slice(&value["tags"]).iter().any(|own| own == tag) {
                found.push(Operation {
                    method,
                    path,
                    value,
                });
            }
        }
    }
    found
}

fn menu(html: &mut Html, document: &Value) {
    html.raw("<nav aria-label=\"Operations\"><ul>");
    for tag in slice(&document["tags"]) {
        let name = text(&tag["name"]);
        html.raw("<li>");
        html.link(&format!("tag-{name}"), name);
        html.raw("<ul>");
        for operation in operations(document, name) {
            html.raw("<li>");
            html.link(
                text(&operation.value["operationId"]),
                text(&operation.value["summary"]),
            );
            html.raw("</li>");
        }
        html.raw("</ul></li>");
    }
    html.raw("<li><a href=\"#schemas\">schemas</a></li>");
    html.raw("</ul></nav>");
}

fn article(html: &mut Html, operation: &Operation<'_>, document: &Value) {
    let value = operation.value;
    html.open("article", text(&value["operationId"]));
    html.element("h3", text(&value["summary"]));
    html.raw(&format!(
        "<p class=\"route\"><b class=\"{0}\">{0}</b> ",
        operation.method
    ));
    html.element("code", operation.path);
    html.raw("</p><p class=\"scopes\">");
    let scopes: Vec<&str> = slice(&value["security"])
        .iter()
        .filter_map(|one| one["key"][0].as_str())
        .collect();
    let signed_in = slice(&value["security"])
        .iter()
        .any(|one| one["session"].is_array());
    html.text(&match (scopes.is_empty(), signed_in) {
        (true, true) => "For whoever is signed in.".to_owned(),
        (true, false) => "No key is needed.".to_owned(),
        (false, _) => format!("Scope: {}.", scopes.join(" or ")),
    });
    html.raw("</p>");
    html.paragraphs(text(&value["description"]));
    let parameters = slice(&value["parameters"]);
    if !parameters.is_empty() {
        html.element("h4", "Parameters");
        html.raw(
            "<table><thead><tr><th>Name</th><th>In</th><th>Type</th><th></th></tr></thead><tbody>",
        );
        for parameter in parameters {
            html.raw("<tr><td>");
            html.element("code", text(&parameter["name"]));
            html.raw("</td><td>");
            html.text(text(&parameter["in"]));
            html.raw("</td><td>");
            schema::kind(html, &parameter["schema"]);
            html.raw("</td><td>");
            html.inline(text(&parameter["description"]));
            html.raw("</td></tr>");
        }
        html.raw("</tbody></table>");
    }
    let request = &value["requestBody"]["content"]["application/json"];
    if request.is_object() {
        html.element("h4", "Request body");
        html.raw("<p>");
        schema::kind(html, &request["schema"]);
        if value["requestBody"]["required"] != true {
            html.text(", may be left out");
        }
        html.raw("</p>");
        html.example("Example", &request["example"]);
    }
    html.element("h4", "curl");
    html.code(&curl::command(
        operation.method,
        operation.path,
        value,
        document,
    ));
    html.element("h4", "Answers");
    for (status, response) in fields(&value["responses"]) {
        answer(html, status, response);
    }
    html.raw("</article>");
}

fn answer(html: &mut Html, status: &str, response: &Value) {
    let class = if status.starts_with('2') {
        "good"
    } else {
        "bad"
    };
    html.raw(&format!(
        "<div class=\"answer {class}\"><p><b>{status}</b> "
    ));
    html.inline(text(&response["description"]));
    html.raw("</p>");
    for (kind, content) in fields(&response["content"]) {
        if kind == "application/problem+json" && content["example"].is_null() {
            continue; // Its codes are told above; its shape is always the same.
        }
        html.raw("<p class=\"kind\">");
        html.element("code", kind);
        html.raw(" ");
        schema::kind(html, &content["schema"]);
        html.raw("</p>");
        html.example("Example", &content["example"]);
    }
    html.raw("</div>");
}

/// The fields of an object; none of anything else.
fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}
