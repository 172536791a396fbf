//! What the members of each kind of node may be, as OpenAPI 3.0 and 3.1 have it.

use crate::walk::Node;

/// What the member of a node may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Is {
    Text,
    Texts,
    TextOrTexts,
    Flag,
    Number,
    FlagOrNumber,
    List,
    Object,
    Anything,
}

const PARAMETER: &[(&str, Is)] = &[
    ("name", Is::Text),
    ("in", Is::Text),
    ("description", Is::Text),
    ("required", Is::Flag),
    ("deprecated", Is::Flag),
    ("allowEmptyValue", Is::Flag),
    ("style", Is::Text),
    ("explode", Is::Flag),
    ("allowReserved", Is::Flag),
    ("example", Is::Anything),
    ("examples", Is::Object),
];

const SCHEMA: &[(&str, Is)] = &[
    ("type", Is::TextOrTexts),
    ("format", Is::Text),
    ("title", Is::Text),
    ("description", Is::Text),
    ("required", Is::Texts),
    ("enum", Is::List),
    ("default", Is::Anything),
    ("example", Is::Anything),
    ("nullable", Is::Flag),
    ("readOnly", Is::Flag),
    ("writeOnly", Is::Flag),
    ("deprecated", Is::Flag),
    ("uniqueItems", Is::Flag),
    ("minimum", Is::Number),
    ("maximum", Is::Number),
    ("exclusiveMinimum", Is::FlagOrNumber),
    ("exclusiveMaximum", Is::FlagOrNumber),
    ("multipleOf", Is::Number),
    ("minLength", Is::Number),
    ("maxLength", Is::Number),
    ("minItems", Is::Number),
    ("maxItems", Is::Number),
    ("minProperties", Is::Number),
    ("maxProperties", Is::Number),
    ("pattern", Is::Text),
    ("discriminator", Is::Object),
    ("externalDocs", Is::Object),
    ("xml", Is::Object),
];

/// Keywords of schemas that came with OpenAPI 3.1.
pub(super) const NEWER: &[(&str, Is)] = &[
    ("const", Is::Anything),
    ("examples", Is::List),
    ("if", Is::Anything),
    ("then", Is::Anything),
    ("else", Is::Anything),
    ("propertyNames", Is::Anything),
    ("contains", Is::Anything),
    ("minContains", Is::Number),
    ("maxContains", Is::Number),
    ("dependentSchemas", Is::Object),
    ("dependentRequired", Is::Object),
    ("unevaluatedItems", Is::Anything),
    ("unevaluatedProperties", Is::Anything),
    ("contentSchema", Is::Anything),
    ("contentEncoding", Is::Text),
    ("contentMediaType", Is::Text),
    ("patternProperties", Is::Object),
    ("prefixItems", Is::List),
    ("definitions", Is::Object),
    ("$defs", Is::Object),
    ("$anchor", Is::Text),
    ("$dynamicAnchor", Is::Text),
    ("$dynamicRef", Is::Text),
    ("$id", Is::Text),
    ("$schema", Is::Text),
    ("$comment", Is::Text),
    ("$vocabulary", Is::Object),
];

/// The members of a node that are no nodes themselves.
pub(super) fn members(node: Node) -> &'static [(&'static str, Is)] {
    match node {
        Node::Document => &[
            ("openapi", Is::Text),
            ("info", Is::Object),
            ("servers", Is::List),
            ("tags", Is::List),
            ("security", Is::List),
            ("webhooks", Is::Object),
            ("externalDocs", Is::Object),
            ("jsonSchemaDialect", Is::Text),
        ],
        Node::Components => &[
            ("examples", Is::Object),
            ("securitySchemes", Is::Object),
            ("links", Is::Object),
            ("callbacks", Is::Object),
        ],
        Node::PathItem => &[
            ("summary", Is::Text),
            ("description", Is::Text),
            ("servers", Is::List),
        ],
        Node::Operation => &[
            ("operationId", Is::Text),
            ("summary", Is::Text),
            ("description", Is::Text),
            ("tags", Is::Texts),
            ("deprecated", Is::Flag),
            ("callbacks", Is::Object),
            ("security", Is::List),
            ("servers", Is::List),
            ("externalDocs", Is::Object),
        ],
        Node::Parameter | Node::Header => PARAMETER,
        Node::RequestBody => &[("description", Is::Text), ("required", Is::Flag)],
        Node::MediaType => &[
            ("encoding", Is::Object),
            ("example", Is::Anything),
            ("examples", Is::Object),
        ],
        Node::Response => &[("description", Is::Text), ("links", Is::Object)],
        Node::Schema => SCHEMA,
    }
}

/// The members without which a node says nothing.
pub(super) fn needed(node: Node) -> &'static [&'static str] {
    match node {
        Node::Parameter => &["name", "in"],
        Node::RequestBody => &["content"],
        _ => &[],
    }
}
