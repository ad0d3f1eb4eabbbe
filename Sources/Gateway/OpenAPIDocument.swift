/// The OpenAPI document that goes out at `/openapi.yaml`.
public enum OpenAPIDocument {
    public static let bytes: [UInt8] = Array("openapi: 3.1.0\n".utf8)
}
