export { createDelivery, type Delivery, type DeliveryOptions, type DeliveryStatus } from './delivery.ts'
