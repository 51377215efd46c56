import { compareText, type JsonObject } from "@gatewright/plan";
import type { InstanceSpec } from "../kinds/instance.ts";
import { plainJwtFields } from "../kinds/jwt.ts";
import { type Found, type Instance, setting } from "./instance.ts";
import { present } from "./present.ts";

/** Who callers are and what their roles allow (palena.md §2.3: jwtAuth, oauth2Auth, rbac, sso, adminUI). */
export function* readIdentity(instance: Instance): Found {
  const { jwtAuth, oauth2Auth, rbac, sso, adminUI, generalSettings } = instance.spec;
  const roles = rbac?.enabled === true ? rbac : undefined;
  const oauth2 = oauth2Auth?.enabled === true ? oauth2Auth : undefined;
  const login = sso?.enabled === true ? sso : undefined;
  yield* setting(instance, "identity", {
    jwtEnabled: jwtAuth?.enabled === true ? true : undefined,
    // Kept beside jwtAuth, which replaced it in the replaced operator (§6.2 B12).
    jwt: { ...present({ team_ids_jwt_field: login?.teamIdsJwtField }), ...jwtOf(jwtAuth) },
    oauth2Enabled: oauth2?.enabled,
    oauth2Mappings: Object.fromEntries(
      (oauth2?.configMappings ?? []).map(({ name, jwtField, litellmAttribute }) => [
        name,
        { jwt_field: jwtField, litellm_attribute: litellmAttribute },
      ]),
    ),
    customSso: handlerOf(login?.customSsoHandler),
    allowUserAuth: generalSettings?.allowUserAuth,
    enforceRoles: roles?.enabled,
    adminOnlyRoutes: roles?.adminOnlyRoutes,
    allowedRoutes: roles?.allowedRoutes,
    rolePermissions: permissionsOf(roles?.rolePermissions),
    uiAccessMode: adminUI?.adminOnly === true ? "admin_only" : undefined,
  });
}

function jwtOf(jwt: InstanceSpec["jwtAuth"]): JsonObject {
  if (jwt?.enabled !== true) return {};
  const plain = Object.keys(plainJwtFields) as (keyof typeof plainJwtFields)[];
  return present({
    ...Object.fromEntries(plain.map((field) => [snakeCase(field), jwt[field]])),
    scope_mappings: [
      ...Object.entries(jwt.scopeModelMappings ?? {})
        .sort(([a], [b]) => compareText(a, b))
        .map(([scope, models]) => ({ scope, models })),
      ...(jwt.scopeMappings ?? []).map(({ scope, models, routes }) => ({
        scope,
        ...present({ models, routes }),
      })),
    ],
    role_mappings: jwt.roleMappings?.map(({ role, internalRole }) => ({ role, internal_role: internalRole })),
    jwt_litellm_role_map: jwt.jwtLitellmRoleMap?.map(({ jwtRole, litellmRole }) => ({
      jwt_role: jwtRole,
      litellm_role: litellmRole,
    })),
    routing_overrides: jwt.routingOverrides?.map(({ iss, clientId, scope, aud, path }) =>
      present({ iss, client_id: clientId, scope, aud, path }),
    ),
  }) as JsonObject;
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

type Sso = NonNullable<InstanceSpec["sso"]>;

/** A dotted path; ConfigMaps are mounted as the package `custom_sso_handlers` (palena.md §2.3). */
function handlerOf(handler: Sso["customSsoHandler"]): string | undefined {
  const { module, configMapRef: file } = handler ?? {};
  if (module !== undefined || file === undefined) return module;
  return `custom_sso_handlers.${file.fileName.replace(/\.py$/, "")}.${file.functionName}`;
}

/** LiteLLM wants a list; the map of older versions stopped the proxy (palena.md §2.3, rbac). */
function permissionsOf(
  permissions: NonNullable<InstanceSpec["rbac"]>["rolePermissions"] = {},
): readonly JsonObject[] {
  return Object.entries(permissions)
    .sort(([a], [b]) => compareText(a, b))
    .map(([role, { routes, models }]) => ({ role, ...present({ routes, models }) }));
}
