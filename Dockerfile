# The worker as users run it: built code and production dependencies, no compiler, not root.
FROM node:24.11.1-bookworm-slim AS build
WORKDIR /proctor
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:24.11.1-bookworm-slim
ENV NODE_ENV=production
WORKDIR /proctor
COPY --from=build /proctor/package.json ./
COPY --from=build /proctor/node_modules ./node_modules
COPY --from=build /proctor/dist ./dist
# Requests may name these catalogs by file.
COPY examples ./examples
USER node
CMD ["node", "dist/worker.js"]
